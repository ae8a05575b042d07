"""A round's answers as files: what is in a cell, who gets which rows, and that size costs no memory."""

import csv
import io
import re
import tracemalloc
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from surveys import export
from surveys.models import Answer, Invitation, Response
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db
FILES = ["survey_long_csv", "survey_wide_csv", "survey_long_xlsx", "survey_wide_xlsx"]


@pytest.fixture
def round(clock):
    return make_round(state="open", name="Survey 2026")


def told(round, client=None, *, name="Rosa Delgado", language="en-gb", in_confidence=False, submit=True, **answers):
    contact = make_contact(client=client or make_client(), name=name, language=language)
    invitation = make_invitation(round=round, contact=contact)
    return answer_survey(invitation, in_confidence=in_confidence, submit=submit, **answers)


def csv_of(browser, round, shape):
    response = browser.get(reverse(f"survey_{shape}_csv", args=[round.public_id]))
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def xlsx_of(browser, round, shape, sheet=0):
    response = browser.get(reverse(f"survey_{shape}_xlsx", args=[round.public_id]))
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    heads, *rows = book.worksheets[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


# -------------------------------------------------------------------- what is in a cell


def test_one_row_an_answer_tells_who_what_and_how_it_was_asked(manager_web, round):
    client = make_client(name="Tidewell Water")
    told(round, client, overall=7, better="Call back.")

    overall, better = csv_of(manager_web, round, "long")

    assert overall == {
        "Round": "Survey 2026",
        "Client": "Tidewell Water",
        "Owner": client.owner.name,
        "Contact": "Rosa Delgado",
        "Part played": overall["Part played"],
        "In confidence": "no",
        "Language": "en-gb",
        "Questionnaire": "Standard questionnaire",
        "Version": "1",
        "Key": "overall",
        "Dimension": "Overall",
        "Kind": "0 to 10, with “can’t say”",
        "Reversed": "no",
        "As asked": "All in all, how is it to work with us?",
        "Number": "7",
        "Can’t say": "",
        "Words": "",
        "Choices": "",
        "Keys of the choices": "",
        "Comment": "",
        "Saved": "2026-11-19 09:30",
        "Sent": "2026-11-19 09:30",
    }
    assert (better["Key"], better["Words"], better["Number"]) == ("better", "Call back.", "")


def test_the_words_of_a_question_are_those_it_was_read_in(manager_web, round):
    told(round, language="de", respect=3, matters_most=["trust", "value"])

    respect, matters = csv_of(manager_web, round, "long")

    assert (respect["Language"], respect["As asked"]) == (
        "de",
        "Wir begegnen Ihnen und Ihren Kolleginnen und Kollegen mit Respekt.",
    )
    assert matters["Choices"] == "Uns vertrauen zu können; Ergebnisse für Ihr Unternehmen"
    assert matters["Keys of the choices"] == "trust, value"


@pytest.mark.parametrize("read", [csv_of, xlsx_of])
def test_nothing_and_nought_and_cannot_say_are_three_things(read, manager_web, round):
    told(round, make_client(name="A"), respect=0, cooperation="na", overall=5)

    (row,) = read(manager_web, round, "wide")

    respect = row["respect: We treat you and your colleagues with respect."]
    assert respect == ("0" if read is csv_of else 0)
    assert row["cooperation: Working with our people is easy."] == "can’t say"
    assert row["transparency: We are open with you, also about what went wrong."] in ("", None)
    long = {one["Key"]: one for one in read(manager_web, round, "long")}
    assert list(long) == ["overall", "respect", "cooperation"]
    assert str(long["respect"]["Number"]) == "0"
    assert (long["cooperation"]["Number"] or None, long["cooperation"]["Can’t say"]) == (None, "yes")


def test_one_row_a_person_has_a_column_for_each_question_and_its_comment(manager_web, round):
    response = told(round, make_client(name="A"), respect=4, call=("0113 496 0000", "mornings"), not_done="The audit")
    Answer.objects.filter(response=response, key="respect").update(comment="Late again")

    (row,) = xlsx_of(manager_web, round, "wide")

    assert row["respect: comment"] == "Late again"
    assert row["not_done: Is there anything we promised and have not done?"] == "The audit"
    assert row["call: May we call you about your answers?"] == "yes"
    assert (row["call: number to call"], row["call: when"]) == ("0113 496 0000", "mornings")
    assert row["Saved"] == timezone.now().replace(tzinfo=None)
    assert len(row) == 9 + 3 + 19 + 15 + 2


def test_somebody_who_has_begun_is_in_the_file_and_not_said_to_have_sent_it(manager_web, round):
    told(round, submit=False, overall=6)

    (row,) = csv_of(manager_web, round, "wide")

    assert (row["Sent"], row["overall: All in all, how is it to work with us?"]) == ("", "6")


def test_an_answer_set_aside_is_in_no_file(manager_web, round):
    told(round, overall=6, better="More")
    Answer.kept.filter(key="better").update(set_aside=True)

    assert [row["Key"] for row in csv_of(manager_web, round, "long")] == ["overall"]


@pytest.mark.parametrize("read", [csv_of, xlsx_of])
@pytest.mark.parametrize("words", ["=1+1", "+44 20", "-2", "@cmd", '=HYPERLINK("http://x","y")', "＝1+1"])
def test_what_was_written_is_shown_by_a_spreadsheet_and_not_run(words, read, manager_web, round):
    client = make_client(name=f"{words} Ltd")
    told(round, client, name=words, better=words)

    (row,) = read(manager_web, round, "long")

    assert (row["Words"], row["Client"], row["Contact"]) == (f"'{words}", f"'{words} Ltd", f"'{words}")


def test_an_xlsx_file_says_what_stands_behind_the_keys(manager_web, round):
    told(round, overall=6)

    rows = xlsx_of(manager_web, round, "wide", sheet=1)

    assert len(rows) == 19
    assert rows[4] == {
        "Key": "respect",
        "Dimension": "Respect",
        "Kind": "0 to 10, with “can’t say”",
        "Reversed": "no",
        "Required": "no",
        "en-gb": "We treat you and your colleagues with respect.",
        "de": "Wir begegnen Ihnen und Ihren Kolleginnen und Kollegen mit Respekt.",
        "fr": "Nous vous traitons avec respect, vous et vos collègues.",
        "es": "Le tratamos con respeto, tanto a usted como a sus colegas.",
    }


def test_emoji_right_to_left_and_line_breaks_come_through(manager_web, round):
    told(round, better="👍 עברית\nzweite Zeile, “so”")

    for read in (csv_of, xlsx_of):
        assert read(manager_web, round, "long")[0]["Words"] == "👍 עברית\nzweite Zeile, “so”"


# -------------------------------------------------------------------- who gets which rows


@pytest.mark.parametrize("shape", export.SHAPES)
def test_what_was_said_in_confidence_is_in_the_file_of_managers_alone(shape, web, manager_web, round):
    client = make_client(name="Tidewell Water", owner=web.user)
    told(round, client, name="Rosa Delgado", overall=3, in_confidence=True)
    told(round, client, name="Omar Haddad", overall=8)

    mine, theirs = csv_of(web, round, shape), csv_of(manager_web, round, shape)

    assert {row["Contact"] for row in mine} == {"Omar Haddad"}
    assert {(row["Contact"], row["In confidence"]) for row in theirs} == {
        ("Rosa Delgado", "yes"),
        ("Omar Haddad", "no"),
    }


@pytest.mark.parametrize("shape", export.SHAPES)
def test_clients_that_do_not_exist_for_me_are_in_no_file(shape, web, round):
    told(round, make_client(name="Hidden Ltd", visibility="team_only", owner=make_user()), overall=3)
    told(round, make_client(name="Open Ltd"), overall=3)

    assert [row["Client"] for row in csv_of(web, round, shape)] == ["Open Ltd"]


def test_who_owes_a_belief_about_a_client_does_not_read_its_answers_in_a_file(web, round):
    client = make_client(owner=web.user)
    make_belief(round=round, client=client)
    told(round, client, overall=3)

    assert csv_of(web, round, "long") == []
    page = unescape(web.get(reverse("survey_export", args=[round.public_id])).content.decode())
    assert "No answer you may read yet." in page
    assert "survey_wide" not in page


@pytest.mark.parametrize("name", ["survey_export", *FILES])
@pytest.mark.parametrize("state", ["draft", "beliefs"])
def test_a_round_that_is_not_open_yet_has_no_files(name, state, manager_web):
    assert manager_web.get(reverse(name, args=[make_round(state=state).public_id])).status_code == 404


def test_another_round_is_in_a_file_of_its_own(manager_web, round):
    told(make_round(state="open"), overall=3)
    told(round, overall=9)

    assert [row["Number"] for row in csv_of(manager_web, round, "long")] == ["9"]


# -------------------------------------------------------------------- size


@pytest.mark.parametrize("name", ["survey_export", *FILES])
def test_a_file_asks_as_much_for_many_people_as_for_one(name, manager_web, round):
    url = reverse(name, args=[round.public_id])
    told(round, overall=3)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            response = manager_web.get(url)
            if response.streaming:
                b"".join(response.streaming_content)
        return len(seen)

    queries()
    first = queries()
    for _n in range(5):
        told(round, overall=3, better="More")

    assert queries() == first


def many(round, people):
    """So many people with all nineteen answers, written in one go."""
    client, now = make_client(), timezone.now()
    contacts = [make_contact(client=client) for _n in range(1)]
    contacts += type(contacts[0]).objects.bulk_create(
        type(contacts[0])(client=client, name=f"Person {n}", email=f"p{n}@many.example") for n in range(people - 1)
    )
    invitations = Invitation.objects.bulk_create(
        Invitation(round=round, client=client, contact=contact, state="submitted") for contact in contacts
    )
    responses = Response.objects.bulk_create(
        Response(invitation=one, started_at=now, saved_at=now, submitted_at=now) for one in invitations
    )
    keys = [question.key for question in round.asked if question.is_scale]
    Answer.objects.bulk_create(
        [Answer(response=one, key=key, number=7, saved_at=now) for one in responses for key in keys], batch_size=5000
    )
    return len(responses) * len(keys)


def test_a_large_file_is_written_while_it_is_read(manager_web, round):
    rows = many(round, 1500)
    url = reverse("survey_long_csv", args=[round.public_id])
    lines = manager_web.get(url).streaming_content
    next(lines)
    tracemalloc.start()

    count = sum(1 for _line in lines)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == rows == 22_500
    assert most < 12 * 1024 * 1024


def test_more_rows_than_a_spreadsheet_holds_are_offered_as_csv(manager_web, round, monkeypatch):
    monkeypatch.setattr("surveys.export_views.MOST_IN_XLSX", 3)
    told(round, overall=3, respect=4, better="More", not_done="No")

    answer = manager_web.get(reverse("survey_long_xlsx", args=[round.public_id]))
    page = unescape(manager_web.get(answer.url).content.decode())

    assert answer.url == reverse("survey_export", args=[round.public_id])
    assert "More than 3 rows are too many for Excel; the CSV file has them all." in page
    assert re.findall(r'href="([^"]*answers-[^"]*)"', page) == [
        reverse(f"survey_{name}", args=[round.public_id]) for name in ("wide_xlsx", "wide_csv", "long_csv")
    ]


def test_the_times_are_those_of_who_reads(manager_web, round):
    manager_web.user.time_zone = "Asia/Tokyo"
    manager_web.user.save()
    told(round, overall=3)

    assert csv_of(manager_web, round, "long")[0]["Saved"] == f"{timezone.now() + timedelta(hours=9):%Y-%m-%d %H:%M}"
