"""The firm's settings: for administrators, within bounds, with their effect in words."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Workspace
from tests.accounts.test_conflict import settings_of


def test_settings_are_saved(admin_web):
    answer = admin_web.post(
        reverse("settings"),
        settings_of(admin_web)
        | {
            "firm_name": "Corbel & Stone",
            "time_zone": "dublin",
            "country": "IE",
            "rhythm_days": "30",
            "reminder_days": "13, 4 9",
            "decision_maker_weight": "1.5",
        },
    )

    assert answer.status_code == 302
    firm = Workspace.current()
    assert (firm.firm_name, firm.time_zone, firm.country) == ("Corbel & Stone", "Europe/Dublin", "IE")
    assert (firm.rhythm_days, firm.reminder_days, firm.decision_maker_weight) == (30, [4, 9, 13], Decimal("1.5"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firm_name", ""),
        ("rhythm_days", "0"),
        ("rhythm_days", "99999999999999999999"),
        ("rhythm_days", "1" * 5000),
        ("silence_days", "-1"),
        ("broken_after_days", "x"),
        ("decision_maker_weight", "0.5"),
        ("decision_maker_weight", "NaN"),
        ("decision_maker_weight", "1e400"),
        ("reminder_days", "1,2,3,4"),
        ("reminder_days", "0"),
        ("reminder_days", "four"),
        ("reminder_days", "٤"),
        ("time_zone", "Atlantis"),
        ("country", "Ruritania"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(admin_web, field, value):
    answer = admin_web.post(reverse("settings"), settings_of(admin_web) | {field: value})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Workspace.objects.get().version == 1


def test_every_field_of_the_settings_is_on_their_page(admin_web):
    answer = admin_web.get(reverse("settings"))

    page = answer.content.decode()
    assert [name for name in answer.context["form"].fields if f'name="{name}"' not in page] == []


def test_the_effect_is_said_in_a_sentence(admin_web):
    page = admin_web.get(reverse("settings")).content.decode()

    assert "A client nobody spoke with for 21 days shows as quiet." in page
    assert "Who has not answered is reminded 3 times, on working days 4, 9, 13 after the invitation" in page


def test_reading_settings_writes_nothing(admin_web):
    Workspace.objects.all().delete()

    admin_web.get(reverse("settings"))

    assert not Workspace.objects.exists()
    assert admin_web.post(reverse("settings"), settings_of(admin_web) | {"firm_name": "New"}).status_code == 302
    assert Workspace.objects.get().firm_name == "New"


def test_what_hangs_together_is_checked_together(admin_web):
    def refused(**values):
        answer = admin_web.post(reverse("settings"), settings_of(admin_web) | values)
        return answer.status_code, list(answer.context["form"].errors)

    assert refused(early_least_days="6", early_most_days="5") == (422, ["early_most_days"])
    assert refused(owner_after_days="3", manager_after_days_critical="2") == (422, ["manager_after_days_critical"])
    assert refused(manager_after_days_critical="4", manager_after_days="3") == (422, ["manager_after_days"])
    assert refused(manager_after_days="11", broken_after_days="10") == (422, ["broken_after_days"])
    assert refused(quiet_from="", quiet_until="25:00") == (422, ["quiet_from", "quiet_until"])
    assert Workspace.objects.get().version == 1


def test_rules_about_promises_are_saved(admin_web):
    sent = {"early_share": "25", "word_before_days": "2", "quiet_from": "21:30", "quiet_until": "06:00"}

    answer = admin_web.post(reverse("settings"), settings_of(admin_web) | sent | {"remind_clients": "on"})

    assert answer.status_code == 302
    firm = Workspace.objects.get()
    assert (firm.early_share, firm.word_before_days, firm.remind_clients) == (25, 2, True)
    assert (firm.quiet_from.isoformat(), firm.quiet_until.isoformat()) == ("21:30:00", "06:00:00")


def test_each_rule_about_promises_says_its_effect_with_dates(admin_web, clock):
    """Thursday 19 November 2026, 09:30: the example is due on Friday 4 December, in eleven working days and a half."""
    page = admin_web.get(reverse("settings")).content.decode()

    assert "Agreed now for Friday 4 December, a promise can be moved early until Wednesday 2 December," in page
    assert "Its owner is asked on Tuesday 1 December: on track, or move it while that is early?" in page
    assert "Due on Friday 4 December and not done, its owner hears on Monday 7 December" in page
    assert (
        "A manager hears of it in their digest of Friday 11 December; of a critical one on Tuesday 8 December." in page
    )
    assert "What happens from 20:00 on is mailed at 07:00, on each person’s own clock" in page
    assert "A reminder to who promised us something is drafted" in page


def test_the_sentences_follow_the_settings(admin_web, clock):
    firm = {"word_before_days": 0, "quiet_from": "00:00", "quiet_until": "00:00", "remind_clients": True}
    Workspace.objects.filter(pk=1).update(**firm, correction_minutes=0, contact_gap_days=1)

    page = admin_web.get(reverse("settings")).content.decode()

    assert "Its owner is asked on Wednesday 2 December" in page
    assert "Mail at once goes out at any hour." in page
    assert "Not within 1 working day of another automatic mail." in page
    assert "a typing mistake is a new date to agree" in page
