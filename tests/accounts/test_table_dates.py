"""Dates in files: many ways to write one, and none that is guessed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from accounts.table_dates import Dates, NoDate


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("1996-07-16 00:00:00.000", date(1996, 7, 16), None),
        ("1996-07-16", date(1996, 7, 16), None),
        ("1996-7-6", date(1996, 7, 6), None),
        ("1996-07-16T14:30", date(1996, 7, 16), time(14, 30)),
        ("1996-07-16 14:30:59.123", date(1996, 7, 16), time(14, 30, 59)),
        ("1996/07/16", date(1996, 7, 16), None),
        ("16.07.1996", date(1996, 7, 16), None),
        ("3.4.2026 9:05", date(2026, 4, 3), time(9, 5)),
        ("16/07/1996", date(1996, 7, 16), None),
        ("7/16/1996 2:30 PM", date(1996, 7, 16), time(14, 30)),
        ("7/16/1996 12:00:00 AM", date(1996, 7, 16), None),
        ("4/4/2026", date(2026, 4, 4), None),
        ("16 Jul 1996", date(1996, 7, 16), None),
        ("16-Jul-1996", date(1996, 7, 16), None),
        ("July 16th, 1996", date(1996, 7, 16), None),
        ("29 February 2028", date(2028, 2, 29), None),
    ],
)
def test_a_date_is_read_however_it_is_written(text, day, clock):
    when = Dates().read(text)

    assert (when.day, when.clock) == (day, clock)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "“soon” is no date like 2024-03-31."),
        ("35262", "“35262” is no date like 2024-03-31."),
        ("2026-02-30", "“2026-02-30” is no date like 2024-03-31."),
        ("31/31/2026", "“31/31/2026” is no date like 2024-03-31."),
        ("2026-01-01 25:00", "“2026-01-01 25:00” is no date like 2024-03-31."),
        ("13 Smarch 2026", "“13 Smarch 2026” is no date like 2024-03-31."),
        ("٣/٤/٢٠٢٦", "“٣/٤/٢٠٢٦” is no date like 2024-03-31."),
        ("16/07/96", "“16/07/96”: write the year with four digits."),
        ("0001-01-01", "“0001-01-01” is not between 1900 and 2200."),
        ("9999-12-31", "“9999-12-31” is not between 1900 and 2200."),
        ("3/4/2026", "“3/4/2026” may be 3 April 2026 or 4 March 2026: say whether the day or the month comes first."),
    ],
)
def test_what_is_no_date_or_may_be_two_is_refused_in_words(text, words):
    with pytest.raises(NoDate) as refused:
        Dates().read(text)

    assert str(refused.value) == words


@pytest.mark.parametrize(("other", "month"), [("16/07/2026", 4), ("7/16/2026", 3)])
def test_other_cells_of_the_file_say_which_comes_first(other, month):
    dates = Dates()
    dates.learn(other)

    assert dates.read("3/4/2026").day.month == month


def test_cells_that_contradict_each_other_leave_it_open_unless_somebody_says():
    dates, told = Dates(), Dates(order="month")
    for cell in ("16/07/2026", "7/16/2026"):
        dates.learn(cell)
        told.learn(cell)

    with pytest.raises(NoDate):
        dates.read("3/4/2026")
    assert told.read("3/4/2026").day == date(2026, 3, 4)


def test_a_cell_with_its_zone_is_a_moment_and_any_other_the_clock_of_the_place():
    there, sydney = Dates().read("2026-03-01T20:00:00Z"), ZoneInfo("Australia/Sydney")

    assert there.at == datetime(2026, 3, 1, 20, tzinfo=UTC)
    assert there.there(sydney) == (date(2026, 3, 2), time(7))
    assert Dates().read("2026-03-01 20:00").there(sydney) == (date(2026, 3, 1), time(20))
