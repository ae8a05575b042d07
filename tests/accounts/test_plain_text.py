"""What is not text is refused in words before it breaks anything; inside a form it is the form's error."""

import pytest
from django.urls import reverse

SIGN_IN = "/accounts/login/"


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "shift_jis", "no-such-charset"])
def test_a_body_in_another_charset_is_answered_with_a_sentence(client, charset):
    answer = client.generic(
        "POST", SIGN_IN, b"login=a&password=b", content_type=f"application/x-www-form-urlencoded; charset={charset}"
    )

    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.content.decode() == "This page reads UTF-8 text only. Please send it again as UTF-8."


@pytest.mark.parametrize("address", [SIGN_IN + "?next=%00", SIGN_IN + "?a=%ff", SIGN_IN + "?a=%ED%A0%80", "/%00/"])
def test_an_address_that_is_no_text_is_answered_with_a_sentence(client, db, address):
    answer = client.get(address)

    assert answer.status_code == 400
    assert "character that cannot be part of an address" in answer.content.decode()


@pytest.mark.parametrize("address", ["/%ff/", "/Königlich/", "/%E6%97%A5/"])
def test_an_address_nobody_has_is_not_found(client, db, address):
    assert client.get(address).status_code == 404


def test_a_cookie_with_a_nul_is_answered_with_a_sentence(client):
    answer = client.get(SIGN_IN, headers={"cookie": 'session="\\000aaaaaaaaaaaa"'})

    assert answer.status_code == 400


def test_the_usual_utf8_is_read(client, db):
    answer = client.post(SIGN_IN, {"login": "ö@example.org", "password": "日本語"})

    assert answer.status_code == 422


HOSTILE = {
    "NUL": ("a\0b", "NUL"),
    "escape": ("a\x1bb", "control character"),
    "two lines": ("a\nb", "one line"),
    "a megabyte": ("x" * 1_000_000, "characters fit"),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("page", "field", "others"),
    [
        ("profile", "name", {}),
        ("profile", "job_title", {"name": "Priya"}),
        ("profile", "phone", {"name": "Priya"}),
        ("profile", "monday", {"name": "Priya"}),
        ("profile", "time_zone", {"name": "Priya"}),
        ("settings", "firm_name", {}),
        ("settings", "reminder_days", {}),
        ("person_invite", "name", {"email": "new@firm.example", "role": "manager"}),
        ("person_invite", "email", {"name": "New", "role": "manager"}),
    ],
)
def test_hostile_text_is_the_form_s_error(admin_web, page, field, others, text):
    value, words = HOSTILE[text]

    answer = admin_web.post(reverse(page), {**others, field: value})

    assert answer.status_code == 422
    assert any(words in message for message in answer.context["form"].errors[field]), answer.context["form"].errors
    assert answer.context["form"][field].value() == value  # nothing typed is lost


@pytest.mark.parametrize("name", ["🙂 Zoë", "שרה כהן", "\u202eabc", "Ñandú “quoted” <b>bold</b>"])
def test_every_language_is_text(admin_web, name):
    from accounts.models import User

    answer = admin_web.post(reverse("person_invite"), {"name": name, "email": "new@firm.example", "role": "manager"})

    assert answer.status_code == 302
    assert User.objects.get(email="new@firm.example").name == name
    assert "<b>bold</b>" not in admin_web.get(reverse("people")).content.decode()


def test_a_lone_surrogate_is_refused():
    from accounts.forms import PlainForm, forms

    class NoteForm(PlainForm):
        text = forms.CharField(widget=forms.Textarea)

    assert list(NoteForm({"text": "a\ud800b"}).errors) == ["text"]
    assert NoteForm({"text": "several\nlines\tare fine"}).is_valid()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "tomorrow\0", "x" * 100_000])
def test_dates_nobody_can_mean_are_refused(web, day):
    answer = web.post(reverse("absence_new"), {"starts_on": day, "ends_on": "2026-12-24"})

    assert answer.status_code == 422
    assert web.user.absences.count() == 0
