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
