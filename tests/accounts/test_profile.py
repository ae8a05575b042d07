"""What people say about themselves."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.hours import hours_in_words, parse_hours
from accounts.models import Absence, User
from accounts.places import country_code, zone_of
from tests.make import make_user


def filled(browser, **changes):
    """The profile form as the page shows it, with some answers changed."""
    form = browser.get(reverse("profile")).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    shown |= {"digest_at": "07:30", "single_keys": "on"}
    data = {name: "" if value is None else value for name, value in (shown | changes).items()}
    return {name: value for name, value in data.items() if value is not False}


def test_a_profile_is_saved(web):
    deputy = make_user(name="Tom Okafor")

    answer = web.post(
        reverse("profile"),
        filled(
            web,
            name="Priya R. Raman",
            job_title="Director",
            phone="+44 20 7946 0000",
            time_zone="berlin",
            language="de",
            country="DE",
            digest_at="06:45",
            deputy=deputy.pk,
            theme="dark",
            single_keys=False,
            friday="9-13",
        ),
    )

    assert answer.status_code == 302
    person = User.objects.get(pk=web.user.pk)
    assert (person.name, person.job_title, person.phone) == ("Priya R. Raman", "Director", "+44 20 7946 0000")
    assert (person.time_zone, person.language, person.country) == ("Europe/Berlin", "de", "DE")
    assert (person.digest_at, person.deputy, person.theme, person.single_keys) == (time(6, 45), deputy, "dark", False)
    assert person.working_hours[4] == [["09:00", "13:00"]]
    assert person.version == 2


def test_every_field_of_the_profile_is_on_its_page(web):
    answer = web.get(reverse("profile"))

    page = answer.content.decode()
    assert [name for name in answer.context["form"].fields if f'name="{name}"' not in page] == []


def test_the_profile_cannot_give_itself_a_role(web):
    web.post(reverse("profile"), filled(web, role="administrator", is_active="", email="other@firm.example"))

    person = User.objects.get(pk=web.user.pk)
    assert (person.role, person.is_active, person.email) == ("account_manager", True, "priya@firm.example")


def test_nobody_is_their_own_deputy(web):
    answer = web.post(reverse("profile"), filled(web, deputy=web.user.pk))

    assert list(answer.context["form"].errors) == ["deputy"]


def test_a_refused_profile_leaves_the_page_s_own_person_alone(web):
    answer = web.post(reverse("profile"), filled(web, name="Somebody Else", time_zone="Atlantis"))

    assert answer.status_code == 422
    assert answer.wsgi_request.user.name == "Priya Raman"
    assert 'value="Somebody Else"' in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("09:00–12:30, 13:30–17:30", [["09:00", "12:30"], ["13:30", "17:30"]]),
        ("13:30-17:30;9-12", [["09:00", "12:00"], ["13:30", "17:30"]]),
        ("9am to 5:30pm", [["09:00", "17:30"]]),
        ("9.00 – 17.30", [["09:00", "17:30"]]),
        ("00:00-24:00", [["00:00", "24:00"]]),
        ("12am-12pm", [["00:00", "12:00"]]),
        ("", []),
        ("off", []),
        (" – ", []),
    ],
)
def test_hours_are_read_as_people_type_them(typed, spans):
    assert parse_hours(typed) == spans
    assert parse_hours(hours_in_words(spans)) == spans


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("17:00-09:00", "17:00–09:00 ends before it starts."),
        ("09:00-09:00", "09:00–09:00 ends before it starts."),
        ("09:00-13:00, 12:00-17:00", "Two spans overlap at 12:00."),
        ("nine to five", "“nine to five” is not a time span. Write 09:00–17:30, and a comma between two."),
        ("25:00-26:00", "“25:00-26:00” holds no time of day."),
        ("09:75-10:00", "“09:75-10:00” holds no time of day."),
        ("13pm-14pm", "“13pm-14pm” holds no time of day."),
    ],
)
def test_hours_that_cannot_be_are_refused_in_words(typed, says):
    with pytest.raises(ValidationError) as refusal:
        parse_hours(typed)

    assert refusal.value.messages == [says]


def test_a_week_without_hours_is_refused(web):
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    answer = web.post(reverse("profile"), filled(web, **dict.fromkeys(days, "")))

    assert answer.context["form"].non_field_errors() == [
        "Give at least one day working hours; due dates are reckoned with them."
    ]


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("London", "Europe/London"),
        ("new york", "America/New_York"),
        ("Europe/Paris", "Europe/Paris"),
        ("utc", "UTC"),
        ("Atlantis", ""),
        ("../../etc/passwd", ""),
    ],
)
def test_a_zone_is_found_by_its_city(typed, zone):
    assert zone_of(typed) == zone


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("USA", "US"),
        ("UK", "GB"),
        ("Germany", "DE"),
        ("de", "DE"),
        ("United Kingdom", "GB"),
        ("Ruritania", ""),
        ("", ""),
    ],
)
def test_a_country_is_found_by_name_or_code(typed, code):
    assert country_code(typed) == code


# ------------------------------------------------------------------ absences


def test_days_away_are_added_once_and_removed(web):
    for _double_click in range(2):
        web.post(reverse("absence_new"), {"starts_on": "2026-12-24", "ends_on": "2027-01-02"})
    absence = web.user.absences.get()
    assert (absence.starts_on, absence.ends_on) == (date(2026, 12, 24), date(2027, 1, 2))

    web.post(reverse("absence_remove", args=[absence.pk]))

    assert not web.user.absences.exists()


def test_days_away_end_after_they_begin(web):
    answer = web.post(reverse("absence_new"), {"starts_on": "2026-12-24", "ends_on": "2026-12-23"})

    assert answer.status_code == 422
    assert answer.context["absence_form"].errors == {"ends_on": ["The last day is before the first."]}


def test_nobody_removes_another_s_days(web):
    absence = Absence.objects.create(user=make_user(), starts_on=date(2026, 12, 24), ends_on=date(2026, 12, 25))

    assert web.post(reverse("absence_remove", args=[absence.pk])).status_code == 404
    assert Absence.objects.filter(pk=absence.pk).exists()


# ------------------------------------------------------------------ theme, zone and words


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("neon", "auto"), ("", "auto")])
def test_the_theme_is_switched_by_a_post(web, chosen, kept):
    answer = web.post(reverse("theme"), {"theme": chosen, "next": "/profile/?a=1"})

    assert answer["Location"] == "/profile/?a=1"
    assert User.objects.get(pk=web.user.pk).theme == kept
    assert f'data-theme="{kept}"' in web.get(reverse("profile")).content.decode()


def test_the_theme_does_not_lead_to_another_site(web):
    assert web.post(reverse("theme"), {"theme": "dark", "next": "//evil.example"})["Location"] == "/profile/"
    assert web.get(reverse("theme")).status_code == 405


def test_pages_speak_the_reader_s_language_and_know_their_zone(web):
    from django.utils import timezone, translation

    User.objects.filter(pk=web.user.pk).update(language="de", time_zone="Asia/Tokyo")

    answer = web.get(reverse("profile"))

    assert '<html lang="de"' in answer.content.decode()
    assert (timezone.get_current_timezone_name(), translation.get_language()) == ("UTC", "en-gb")  # only theirs


def test_a_zone_that_no_longer_exists_does_not_lock_anybody_out(web):
    User.objects.filter(pk=web.user.pk).update(time_zone="Europe/Atlantis")

    assert web.get(reverse("profile")).status_code == 200


def test_the_profile_costs_the_same_for_any_number_of_absences(web):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            web.get(reverse("profile"))
        return len(asked)

    Absence.objects.create(user=web.user, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 24))
    web.get(reverse("profile"))
    with_one = cost()
    for day in (2, 3):
        Absence.objects.create(user=web.user, starts_on=date(2026, 12, day), ends_on=date(2026, 12, 24))

    assert cost() == with_one <= 12
