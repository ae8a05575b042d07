"""Two people, one record: nothing is lost and both versions are shown."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User, Workspace
from tests.accounts.test_profile import filled
from tests.conftest import NOW, browser_of
from tests.make import make_administrator


def settings_of(browser):
    """The settings form as the page shows it, as a browser would send it."""
    form = browser.get(reverse("settings")).context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


@pytest.fixture
def other_admin_web(db):
    return browser_of(make_administrator(name="Tom Okafor"))


def as_sent(response, **choices):
    """What the refused page sends when Save is pressed again, with the preselected choices and these."""
    form, conflict = response.context["form"], response.context["conflict"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {field.choice_name: field.choice for field in conflict.fields if field.choice}
    return data | choices


def test_a_stale_save_is_refused_with_both_versions(admin_web, other_admin_web, clock):
    mine, theirs = settings_of(admin_web), settings_of(other_admin_web)
    other_admin_web.post(reverse("settings"), theirs | {"firm_name": "Theirs & Co", "phone": "111"})
    clock.move_to(NOW + timedelta(minutes=5))

    answer = admin_web.post(reverse("settings"), mine | {"firm_name": "Mine & Co", "rhythm_days": "30"})

    assert answer.status_code == 409
    conflict = answer.context["conflict"]
    assert (conflict.who.name, conflict.at) == ("Tom Okafor", NOW)
    assert [
        (field.name, field.mine, field.theirs, field.changed_by_me, field.changed_by_them, field.choice)
        for field in conflict.fields
    ] == [
        ("firm_name", "Mine & Co", "Theirs & Co", True, True, ""),
        ("phone", "–", "111", False, True, "theirs"),
        ("rhythm_days", "30", "21", True, False, "mine"),
    ]
    stored = Workspace.objects.get()
    assert (stored.firm_name, stored.phone, stored.rhythm_days, stored.version) == ("Theirs & Co", "111", 21, 2)
    page = answer.content.decode()
    assert "Mine &amp; Co" in page
    assert "Theirs &amp; Co" in page


@pytest.mark.parametrize(("choice", "firm"), [("mine", "Mine & Co"), ("theirs", "Theirs & Co")])
def test_saving_again_keeps_what_was_chosen_of_each(admin_web, other_admin_web, clock, choice, firm):
    mine, theirs = settings_of(admin_web), settings_of(other_admin_web)
    other_admin_web.post(reverse("settings"), theirs | {"firm_name": "Theirs & Co", "phone": "111"})
    refused = admin_web.post(reverse("settings"), mine | {"firm_name": "Mine & Co", "rhythm_days": "30"})

    answer = admin_web.post(reverse("settings"), as_sent(refused, keep_firm_name=choice))

    assert answer.status_code == 302
    stored = Workspace.objects.get()
    assert (stored.firm_name, stored.phone, stored.rhythm_days, stored.version) == (firm, "111", 30, 3)


def test_where_both_changed_it_somebody_has_to_choose(admin_web, other_admin_web, clock):
    mine, theirs = settings_of(admin_web), settings_of(other_admin_web)
    other_admin_web.post(reverse("settings"), theirs | {"firm_name": "Theirs & Co"})
    refused = admin_web.post(reverse("settings"), mine | {"firm_name": "Mine & Co"})

    answer = admin_web.post(reverse("settings"), as_sent(refused))

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"firm_name": ["Both of you changed this. Choose which one to keep."]}
    assert Workspace.objects.get().firm_name == "Theirs & Co"


def test_a_third_save_in_between_is_a_conflict_again(admin_web, other_admin_web, clock):
    mine, theirs = settings_of(admin_web), settings_of(other_admin_web)
    other_admin_web.post(reverse("settings"), theirs | {"firm_name": "Second"})
    refused = admin_web.post(reverse("settings"), mine | {"firm_name": "Mine"})
    other_admin_web.post(reverse("settings"), settings_of(other_admin_web) | {"firm_name": "Third"})

    answer = admin_web.post(reverse("settings"), as_sent(refused, keep_firm_name="mine"))

    assert answer.status_code == 409
    assert [(field.mine, field.theirs) for field in answer.context["conflict"].fields] == [("Mine", "Third")]


@pytest.mark.parametrize("broken", [{"version": ""}, {"version": "9" * 30}, {"version": "-1"}, {"version": "1\0"}])
def test_a_form_without_its_version_is_never_saved(admin_web, broken):
    answer = admin_web.post(reverse("settings"), settings_of(admin_web) | {"firm_name": "Mine"} | broken)

    assert answer.status_code in (409, 422)
    assert Workspace.objects.get().firm_name == "Our firm"


def test_a_forged_memory_of_what_was_shown_is_not_believed(admin_web, other_admin_web):
    mine = settings_of(admin_web)
    other_admin_web.post(reverse("settings"), settings_of(other_admin_web) | {"phone": "111"})

    answer = admin_web.post(reverse("settings"), mine | {"was": "forged:value:here", "keep_phone": "theirs"})

    assert answer.status_code == 409
    assert [field.name for field in answer.context["conflict"].fields] == ["phone"]


def test_the_same_change_by_both_needs_no_choice(admin_web, other_admin_web):
    mine = settings_of(admin_web)
    other_admin_web.post(reverse("settings"), settings_of(other_admin_web) | {"phone": "111"})

    refused = admin_web.post(reverse("settings"), mine | {"phone": "111", "firm_name": "Mine"})

    assert [field.name for field in refused.context["conflict"].fields] == ["firm_name"]
    assert admin_web.post(reverse("settings"), as_sent(refused)).status_code == 302
    assert (Workspace.objects.get().phone, Workspace.objects.get().firm_name) == ("111", "Mine")


def test_hours_choices_and_switches_are_held_against_each_other_too(web, clock):
    elsewhere = browser_of(web.user)
    mine, theirs = filled(web), filled(elsewhere)
    theirs.pop("single_keys")
    elsewhere.post(reverse("profile"), theirs | {"monday": "08:00–12:00", "theme": "dark", "time_zone": "Berlin"})

    refused = web.post(reverse("profile"), mine | {"monday": "10:00-12:00", "name": "Priya R."})

    assert refused.status_code == 409
    shown = {field.name: (field.mine, field.theirs, field.choice) for field in refused.context["conflict"].fields}
    assert shown == {
        "name": ("Priya R.", "Priya Raman", "mine"),
        "time_zone": ("Europe/London", "Europe/Berlin", "theirs"),
        "theme": ("As the system", "Dark", "theirs"),
        "single_keys": ("yes", "no", "theirs"),
        "monday": ("10:00-12:00", "08:00–12:00", ""),
    }
    saved = as_sent(refused, keep_monday="mine")
    saved = {name: value for name, value in saved.items() if value is not False}
    assert web.post(reverse("profile"), saved).status_code == 302
    person = User.objects.get(pk=web.user.pk)
    assert (person.name, person.time_zone, person.theme, person.single_keys) == (
        "Priya R.",
        "Europe/Berlin",
        "dark",
        False,
    )
    assert person.working_hours[0] == [["10:00", "12:00"]]


def test_the_history_tells_who_changed_the_settings(admin_web):
    admin_web.post(reverse("settings"), settings_of(admin_web) | {"firm_name": "Corbel & Stone"})

    entry = Workspace.objects.get().history.first()
    assert (entry.firm_name, entry.history_user) == ("Corbel & Stone", admin_web.user)
