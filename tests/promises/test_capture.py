"""One line taken apart. It is Thursday 19 November 2026, 09:30 in London, unless a test says otherwise."""

import time as stopwatch
from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.worktime import due_moment
from promises.capture import Named, read
from promises.spoken import whens
from tests.conftest import NOW

LONDON = ZoneInfo("Europe/London")
TIDEWELL, CORBEL = Named("c1", "Tidewell Water", kind="client"), Named("c2", "Corbel & Stone", kind="client")
NORTHGATE = Named("c3", "Northgate Foods", kind="client")
CLIENTS = (TIDEWELL, CORBEL, NORTHGATE)
ANNA, ROSA = Named("p1", "Anna Keller", "c1"), Named("p2", "Rosa Delgado", "c1")
GREG, WILL, MAX = Named("p3", "Greg Holm", "c2"), Named("p4", "Will Smith", "c2"), Named("p5", "Max Berg", "c2")
OTHER_MAX, SEAN = Named("p6", "Max Power", "c1"), Named("p7", "Seán O’Neill", "c3")
PEOPLE = (ANNA, ROSA, GREG, WILL, MAX, OTHER_MAX, SEAN)
TOM, PRIYA = Named("u1", "Tom Okafor", kind="colleague"), Named("u2", "Priya Raman", kind="colleague")


def take(text, *, now=NOW, zone=LONDON, language="en-gb", client=""):
    return read(
        text, now=now, zone=zone, language=language, people=PEOPLE, clients=CLIENTS, colleagues=(TOM, PRIYA),
        client=client,
    )  # fmt: skip


def when(text, **options):
    line = take(text, **options)
    return line.day, line.at


NOV20, NOV27 = date(2026, 11, 20), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "what", "day", "at"),
    [
        ("send draft fee note to Anna fri 17:00", "Send draft fee note", NOV20, time(17)),
        ("ring Rosa tomorrow noon", "Ring Rosa", NOV20, time(12)),
        ("send the plan in 2 weeks", "Send the plan", date(2026, 12, 3), None),
        ("send the plan within a fortnight", "Send the plan", date(2026, 12, 3), None),
        ("send the plan in 3 months", "Send the plan", date(2027, 2, 19), None),
        ("send the plan in a couple of days", "Send the plan", date(2026, 11, 21), None),
        ("answer in two hours", "Answer", date(2026, 11, 19), time(11, 30)),
        ("answer in 45 minutes", "Answer", date(2026, 11, 19), time(10, 15)),
        ("answer in 5 working days", "Answer", date(2026, 11, 26), None),
        ("pay the invoice by 3 Dec", "Pay the invoice", date(2026, 12, 3), None),
        ("pay the invoice by Dec 3rd, 2026 at 5pm", "Pay the invoice", date(2026, 12, 3), time(17)),
        ("pay the invoice 12/12", "Pay the invoice", date(2026, 12, 12), None),
        ("pay the invoice by 1.12.", "Pay the invoice", date(2026, 12, 1), None),
        ("pay the invoice by 2026-12-01", "Pay the invoice", date(2026, 12, 1), None),
        ("file it by 29 February", "File it", date(2028, 2, 29), None),
        ("file it by 3 March", "File it", date(2027, 3, 3), None),
        ("report next Friday", "Report", NOV27, None),
        ("report next Tuesday", "Report", date(2026, 11, 24), None),
        ("report this Friday", "Report", NOV20, None),
        ("report Friday week", "Report", NOV27, None),
        ("report a week from Friday", "Report", NOV27, None),
        ("close the books end of month", "Close the books", date(2026, 11, 30), None),
        ("close the books by the end of the month", "Close the books", date(2026, 11, 30), None),
        ("close the books by the end of next week", "Close the books", NOV27, None),
        ("close the books by the end of the year", "Close the books", date(2026, 12, 31), None),
        ("close the books by quarter end", "Close the books", date(2026, 12, 31), None),
        ("close the books eod", "Close the books", date(2026, 11, 19), None),
        ("close the books by close of business Friday", "Close the books", NOV20, None),
        ("close the books Friday eod", "Close the books", NOV20, None),
        ("sign by Friday", "Sign", NOV20, None),
        ("sign by 17:00", "Sign", date(2026, 11, 19), time(17)),
        ("sign by 9:00", "Sign", NOV20, time(9)),
        ("sign at 5pm on Friday", "Sign", NOV20, time(17)),
        ("sign 5pm Friday", "Sign", NOV20, time(17)),
        ("sign by Friday at 5", "Sign", NOV20, time(17)),
        ("sign Friday morning", "Sign", NOV20, time(12)),
        ("sign first thing Monday", "Sign", date(2026, 11, 23), time(9)),
        ("sign by the 5th", "Sign", date(2026, 12, 5), None),
        ("sign by the 25th", "Sign", date(2026, 11, 25), None),
        ("sign Fri, 27 Nov", "Sign", NOV27, None),
        ("sign the day after tomorrow", "Sign", date(2026, 11, 21), None),
        ("sign early next week", "Sign", date(2026, 11, 23), None),
        ("by Friday, compare three lenders", "Compare three lenders", NOV20, None),
        ("send the 2nd draft by the 5th", "Send the 2nd draft", date(2026, 12, 5), None),
        ("prepare Monday meeting notes by Thursday", "Prepare Monday meeting notes", date(2026, 11, 26), None),
        ("monitor the pumps 24/7", "Monitor the pumps 24/7", None, None),
        ("order 5 boxes of paper", "Order 5 boxes of paper", None, None),
        ("compare with last Friday", "Compare with last Friday", None, None),
        ("Q3/4 figures by Friday", "Q3/4 figures", NOV20, None),
        ("compare three lenders", "Compare three lenders", None, None),
        ("please send the memo by Fri", "Send the memo", NOV20, None),
        ("I’ll send Anna the fee note by Friday", "Send Anna the fee note", NOV20, None),
        ("I promised Rosa to compare lenders by 12/12", "Compare lenders", date(2026, 12, 12), None),
        ("we need to file the return by Friday", "File the return", NOV20, None),
        ("Anna will send the register by Friday", "Send the register", NOV20, None),
        ("They’ll sign by tomorrow 17:30", "Sign", NOV20, time(17, 30)),
        ("from Anna: the asset register by Friday", "The asset register", NOV20, None),
        ("Greg to send the accounts by Friday", "Send the accounts", NOV20, None),
        ("talk to Anna tomorrow", "Talk to Anna", NOV20, None),
        ("introduce Tom to Anna by Friday", "Introduce Tom to Anna", NOV20, None),
        ("by Friday", "By Friday", NOV20, None),
        ("Fri 5 pm", "Fri 5 pm", NOV20, time(17)),
    ],
)
def test_a_line_says_what_and_when(text, what, day, at):
    line = take(text)

    assert (line.what, line.day, line.at) == (what, day, at)


@pytest.mark.parametrize(
    ("text", "ours", "who", "client", "owner"),
    [
        ("send draft fee note to Anna fri 17:00", True, ANNA, TIDEWELL, None),
        ("send slides to anna keller tomorrow", True, ANNA, TIDEWELL, None),
        ("Anna will send the register by Friday", False, ANNA, TIDEWELL, None),
        ("Anna Keller has promised to send the register by Friday", False, ANNA, TIDEWELL, None),
        ("they’ll send it by Friday", False, None, None, None),
        ("Greg: send the accounts by Friday", False, GREG, CORBEL, None),
        ("from Greg: accounts by Friday", False, GREG, CORBEL, None),
        ("the accounts by Greg by Friday", False, GREG, CORBEL, None),
        ("get the accounts from Greg by Friday", True, GREG, CORBEL, None),
        ("Tidewell Water will pay by Friday", False, None, TIDEWELL, None),
        ("review contract @Tidewell by Friday", True, None, TIDEWELL, None),
        ("review contract for Corbel & Stone by Friday", True, None, CORBEL, None),
        ("Northgate Foods annual review by Friday", True, None, NORTHGATE, None),
        ("prepare memo by Tom by Friday", True, None, None, TOM),
        ("Tom will ring Rosa by Friday", True, ROSA, TIDEWELL, TOM),
        ("ring Max @Tidewell by Friday", True, OTHER_MAX, TIDEWELL, None),
        ("send the agreement to Sean by Friday", True, SEAN, NORTHGATE, None),
        ("reply to Rosa’s complaint by Friday", True, ROSA, TIDEWELL, None),
        ("will the plan be ready", True, None, None, None),
        ("Will will send the plan by Friday", False, WILL, CORBEL, None),
    ],
)
def test_a_line_says_who_owes_whom(text, ours, who, client, owner):
    line = take(text)

    assert (line.ours, line.who, line.client, line.owner) == (ours, who, client, owner)


def test_two_people_of_one_name_are_asked_about_and_not_guessed():
    line = take("ring Max on Friday")

    assert (line.who, line.which, line.asked, line.client) == (None, (MAX, OTHER_MAX), "Max", None)


def test_the_client_at_hand_settles_which_of_two_people_is_meant():
    assert take("ring Max on Friday", client="c2").who == MAX
    assert take("compare lenders by Friday", client="c2").client == CORBEL
    assert take("ring Anna on Friday", client="c2").client == TIDEWELL


@pytest.mark.parametrize(
    ("text", "what", "critical", "done_when"),
    [
        ("fix the leak today!", "Fix the leak", True, ""),
        ("! fix the leak today", "Fix the leak", True, ""),
        ("fix the leak today, critical", "Fix the leak", True, ""),
        ("critical: fix the leak today", "Fix the leak", True, ""),
        ("review the critical path by Friday", "Review the critical path", False, ""),
        ("send contract by Friday, done when Anna has signed", "Send contract", False, "Anna has signed"),
        ("send contract, done when signed, by Friday", "Send contract", False, "signed"),
        ("send contract by Friday, done when signed!", "Send contract", True, "signed"),
    ],
)
def test_a_line_says_how_much_it_matters_and_when_it_is_done(text, what, critical, done_when):
    line = take(text)

    assert (line.what, line.critical, line.done_when, line.day is None) == (what, critical, done_when, False)


@pytest.mark.parametrize(
    ("text", "language", "what", "day", "at"),
    [
        ("Entwurf an Anna schicken bis Freitag 17 Uhr", "de", "Entwurf an Anna schicken", NOV20, time(17)),
        ("Bericht am Freitag", "de", "Bericht", NOV20, None),
        ("Bericht bis übermorgen Mittag", "de", "Bericht", date(2026, 11, 21), time(12)),
        ("Bericht bis Ende des Monats", "de", "Bericht", date(2026, 11, 30), None),
        ("Bericht in zwei Wochen", "de", "Bericht", date(2026, 12, 3), None),
        ("Bericht am 3. Dezember um 17:30", "de", "Bericht", date(2026, 12, 3), time(17, 30)),
        ("Do the report by Friday", "de", "Do the report", NOV20, None),
        ("envoyer le devis à Anna vendredi 17h", "fr", "Envoyer le devis", NOV20, time(17)),
        ("le devis avant vendredi prochain", "fr", "Le devis", NOV27, None),
        ("le devis dans deux semaines", "fr", "Le devis", date(2026, 12, 3), None),
        ("le devis pour le 3 décembre à 17h30", "fr", "Le devis", date(2026, 12, 3), time(17, 30)),
        ("enviar el informe el viernes a las 17:00", "es", "Enviar el informe", NOV20, time(17)),
        ("enviar el informe para el 3 de diciembre", "es", "Enviar el informe", date(2026, 12, 3), None),
    ],
)
def test_the_readers_own_language_is_understood(text, language, what, day, at):
    line = take(text, language=language)

    assert (line.what, line.day, line.at) == (what, day, at)


@pytest.mark.parametrize(
    ("text", "language", "day", "at"),
    [
        ("send it by Fri 27th", "en-gb", NOV27, None),
        ("send it Friday 27", "en-gb", NOV27, None),
        ("send it on Friday the 27th", "en-gb", NOV27, None),
        ("send it Friday 27/11", "en-gb", NOV27, None),
        ("send it Friday 5pm", "en-gb", NOV20, time(17)),
        ("send it a week on Friday", "en-gb", NOV27, None),
        ("send it by a week on Friday", "en-gb", NOV27, None),
        ("send it a week tomorrow", "en-gb", NOV27, None),
        ("send it Friday fortnight", "en-gb", date(2026, 12, 4), None),
        ("send figures for two weeks by Friday", "en-gb", NOV20, None),
        ("send it Friday of next week", "en-gb", NOV27, None),
        ("send it next week, on Friday", "en-gb", NOV27, None),
        ("send it the first Monday in December", "en-gb", date(2026, 12, 7), None),
        ("send it by the last Friday of the month", "en-gb", NOV27, None),
        ("send it the second Tuesday of next month", "en-gb", date(2026, 12, 8), None),
        ("send it by 2026/12/03", "en-gb", date(2026, 12, 3), None),
        ("send it by 03-12-2026", "en-gb", date(2026, 12, 3), None),
        ("send it in six weeks’ time", "en-gb", date(2026, 12, 31), None),
        ("send it by 8 tomorrow", "en-gb", NOV20, time(8)),
        ("send it tomorrow morning at 9", "en-gb", NOV20, time(9)),
        ("send it Friday at 8 in the evening", "en-gb", NOV20, time(20)),
        ("send it Friday at 5 in the morning", "en-gb", NOV20, time(5)),
        ("send it Friday 5 o’clock", "en-gb", NOV20, time(17)),
        ("send it tonight at 8", "en-gb", date(2026, 11, 19), time(20)),
        ("send it this afternoon", "en-gb", date(2026, 11, 19), time(17)),
        ("senden am ersten Montag im Dezember", "de", date(2026, 12, 7), None),
        ("senden Freitag in einer Woche", "de", NOV27, None),
        ("senden nächste Woche Freitag", "de", NOV27, None),
        ("senden morgen früh um 8", "de", NOV20, time(8)),
        ("envoyer le premier lundi de décembre", "fr", date(2026, 12, 7), None),
        ("envoyer vendredi 27", "fr", NOV27, None),
        ("envoyer vendredi de la semaine prochaine", "fr", NOV27, None),
        ("envoyer vendredi en huit", "fr", NOV27, None),
        ("envoyer vendredi 17 h 30", "fr", NOV20, time(17, 30)),
        ("envoyer dans quinze jours", "fr", date(2026, 12, 4), None),
        ("enviar el primer lunes de diciembre", "es", date(2026, 12, 7), None),
        ("enviar el viernes de la semana que viene", "es", NOV27, None),
        ("enviar el viernes a las 5 de la tarde", "es", NOV20, time(17)),
    ],
)
def test_a_day_said_in_several_words_is_read_as_a_whole(text, language, day, at):
    line = take(text, language=language)

    assert (line.day, line.at) == (day, at)
    assert line.what.lower().partition(" ")[0] in ("send", "senden", "envoyer", "enviar")
    assert line.what.lower() in ("send it", "senden", "envoyer", "enviar", "send figures for two weeks")


@pytest.mark.parametrize(
    ("text", "language", "ours"),
    [
        ("Anna schickt uns den Vertrag bis Freitag", "de", False),
        ("Anna braucht den Vertrag bis Freitag", "de", True),
        ("Anna enverra les comptes vendredi", "fr", False),
        ("Anna enviará el logo el viernes", "es", False),
        ("Anna va a enviar el logo el viernes", "es", False),
    ],
)
def test_whoever_does_it_in_the_readers_own_language_owes_it(text, language, ours):
    line = take(text, language=language)

    assert (line.ours, line.who) == (ours, ANNA)


def test_a_weekday_and_a_number_that_do_not_meet_offer_both():
    line = take("send it by Friday 28th")  # the 28th is a Saturday, in December a Monday

    assert (line.day, line.when.others) == (date(2026, 11, 28), (NOV27,))


def test_next_monday_said_on_a_sunday_offers_the_one_after():
    line = take("sign next Monday", now=datetime(2026, 11, 22, 10, tzinfo=UTC))

    assert (line.day, line.when.others) == (date(2026, 11, 23), (date(2026, 11, 30),))


def test_3_4_is_read_by_the_readers_custom_and_the_other_day_is_offered():
    british, american = take("sign by 3/4"), take("sign by 3/4", language="en-us")

    assert (british.day, british.when.others) == (date(2027, 4, 3), (date(2027, 3, 4),))
    assert (american.day, american.when.others) == (date(2027, 3, 4), (date(2027, 4, 3),))


@pytest.mark.parametrize(
    ("text", "day", "others"),
    [
        ("sign by Thursday", date(2026, 11, 26), (date(2026, 11, 19),)),  # said on a Thursday
        ("sign next Friday", NOV27, (NOV20,)),
        ("sign by Friday 3 December", date(2026, 12, 3), (date(2026, 12, 4),)),  # the 3rd is a Thursday
        ("sign by Monday or by Tuesday", date(2026, 11, 24), (date(2026, 11, 23),)),
    ],
)
def test_a_day_that_may_be_another_offers_it(text, day, others):
    line = take(text)

    assert (line.day, line.when.others) == (day, others)


@pytest.mark.parametrize("text", ["sign by 2020-01-01", "sign by 31 February", "sign today 09:00", "sign by 3/4/2026"])
def test_a_day_that_has_passed_or_is_none_is_said_and_not_taken(text):
    line = take(text)

    assert (line.day, line.when.gone) == (None, True)


@pytest.mark.parametrize(
    ("zone", "now", "text", "day", "at"),
    [
        ("Australia/Sydney", "2026-11-19T12:59Z", "sign by Friday", NOV20, None),  # 23:59 on Thursday there
        ("Australia/Sydney", "2026-11-19T13:01Z", "sign today", NOV20, None),  # already Friday there
        ("Australia/Sydney", "2026-11-19T13:01Z", "sign tomorrow", date(2026, 11, 21), None),
        ("America/New_York", "2026-11-20T04:59Z", "sign tomorrow", NOV20, None),  # 23:59 on Thursday there
        ("America/New_York", "2026-11-20T04:59Z", "sign by Friday", NOV20, None),
        ("America/New_York", "2026-11-20T05:01Z", "sign by 17:00", NOV20, time(17)),
        ("Asia/Kathmandu", "2026-11-19T18:14Z", "sign tomorrow", NOV20, None),  # 23:59, at a quarter to the hour
        ("Asia/Kathmandu", "2026-11-19T18:16Z", "sign tomorrow", date(2026, 11, 21), None),
        ("Pacific/Apia", "2026-11-19T10:30Z", "sign today", date(2026, 11, 19), None),  # the last before the date line
        ("Europe/London", "2027-03-27T22:00Z", "sign in 3 hours", date(2027, 3, 28), time(2)),  # one was skipped
        ("Europe/London", "2026-10-24T23:30Z", "sign in 2 hours", date(2026, 10, 25), time(1, 30)),  # one came twice
        ("Europe/London", "2027-03-27T22:00Z", "sign tomorrow at 1:30", date(2027, 3, 28), time(1, 30)),  # no such hour
        ("Europe/London", "2028-02-29T10:00Z", "sign in 12 months", date(2029, 2, 28), None),
    ],
)
def test_days_are_the_readers_days(zone, now, text, day, at):
    assert when(text, zone=ZoneInfo(zone), now=datetime.fromisoformat(now)) == (day, at)


# -------------------------------------------------------------------- for any text at all

_PIECES = """
    friday next last by in 2 weeks tomorrow 17:00 5pm at noon 3/4 31/12/2026 the 5th 29 february end of month ! @
    Tidewell Anna Max to from: will they’ll we’ll done when critical , . – send note in 99 months 999 hours 25:61 00:00
    eod 2026-13-40 next week's am pm h uhr demain am freitag
"""
PIECES = st.sampled_from(_PIECES.split())
LINES = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=12).map(" ".join))
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(["Europe/London", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"])


@given(text=LINES, now=MOMENTS, zone=ZONES, language=st.sampled_from(["en-gb", "en-us", "de", "fr", "es", "xx", ""]))
def test_no_text_breaks_it_and_no_due_is_in_the_past(text, now, zone, language):
    zone = ZoneInfo(zone)

    line = take(text, now=now, zone=zone, language=language)

    assert line.what if any(c.isalnum() for c in text) else True
    assert len(line.what) <= 300
    if line.day:
        assert due_moment(line.day, line.at, zone) > now
        assert all(day >= now.astimezone(zone).date() for day in line.when.others)


@given(text=LINES)
def test_the_pieces_that_say_when_never_overlap(text):
    found = whens(text, now=NOW, zone=LONDON)

    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_long_text_and_a_short_one_take_no_time():
    for text in ["send draft fee note to Anna by 3 December at 17:00", "we’ll " * 20_000, "1 " * 50_000, "by " * 9_000]:
        take(text)
        start = stopwatch.perf_counter()
        take(text)
        assert stopwatch.perf_counter() - start < 0.25  # 20 ms here; more on a busy machine
