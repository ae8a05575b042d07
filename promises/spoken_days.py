"""Which day a word for one means: “Friday”, “3/4”, “the 5th”, “in two weeks”, “end of month”. Pure."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from promises.spoken_words import ALL

DAY = timedelta(days=1)
LIBRARY = 40  # characters of what the library is given
FORTNIGHT = {"fortnight", "fortnights"}
COUNTED = (
    "a an one ein einem einer un une una", "two zwei deux dos couple", "three drei trois tres",
    "four vier quatre cuatro", "five fünf cinq cinco", "six sechs seis", "seven sieben sept siete",
    "eight acht huit ocho", "nine neun neuf nueve", "ten zehn dix diez", "eleven elf onze once",
    "twelve zwölf douze doce", "", "", "quinze quince",
)  # fmt: skip
NUMBER = {word: n for n, words in enumerate(COUNTED, 1) for word in words.split()}


def day_of(match, language, local, month_first):
    """(day, other days, gone, time) of a match; None when it is no day at all."""
    today = local.date()
    if match["nthday"]:
        return _nth_weekday(match, language, local)
    if match["special"]:
        return _special(match["special"], language, today), (), False, None
    if match["unit"] or match["fortnight"]:
        return _from_now(match, language, local)
    if match["iso"]:
        return _exact(match["iso"].replace(match["sep"], "-"))
    if match["wnth"]:
        return _weekday_of_month(match, language, today)
    if match["day"] or match["short"]:
        return _weekday(match, language, today)
    if match["num"]:
        return _numbers(match["num"], today, month_first)
    if match["nth"]:
        day = _of_month(int(match["nth"]), today)
        return (day, (), day is None, None) if int(match["nth"]) <= 31 else None
    return _with_month(match, language, local)


def _special(text, language, today):
    special = ALL[language].special.items()
    # What matches only before something else (“this afternoon”) is today.
    meaning = next((name for name, words in special if re.fullmatch(words, text, re.IGNORECASE)), "day0")
    friday = today + (4 - today.weekday()) % 7 * DAY
    monday = today + (7 - today.weekday()) * DAY
    if meaning.startswith("day"):
        return today + int(meaning[3:]) * DAY
    if meaning.startswith("month"):
        return _month_end(today, int(meaning[5:]))
    return {
        "week0": friday,
        "week1": monday + 4 * DAY,
        "monday1": monday,
        "quarter0": _month_end(today, -today.month % 3),
        "year0": date(today.year, 12, 31),
    }[meaning]


def _month_end(today, months=0):
    year, month = divmod(today.month - 1 + months, 12)
    year, month = today.year + year, month + 1
    return date(year, month, monthrange(year, month)[1])


def _weekday(match, language, today):
    words = ALL[language]
    text, which = match["day"] or match["short"], (match["which"] or match["after"] or "").lower()
    if match["short"]:
        number = [short.lower() for short in words.short].index(text.lower())
    else:
        number = _weekday_number(text, language)
    if which and re.fullmatch(words.past, which, re.IGNORECASE):
        return None
    ahead = (number - today.weekday()) % 7
    nearest = today + (ahead or 7) * DAY
    if which in words.shifts:  # “Friday week”
        return nearest + 7 * words.shifts[which] * DAY, (), False, None
    if match["wn"]:  # “Freitag in zwei Wochen”
        n = match["wn"].lower()
        day = nearest + 7 * (int(n) if n.isdigit() else NUMBER.get("couple" if "couple" in n else n, 1)) * DAY
        return day, (day - 7 * DAY,), False, None
    which = re.sub(rf"\s*,?\s+(?:{words.on})$", "", which, flags=re.IGNORECASE)
    for weeks, phrase in enumerate(words.week):
        if re.fullmatch(phrase, which, re.IGNORECASE):
            day = today + (7 * weeks - today.weekday() + number) * DAY
            return (day, (), False, None) if day >= today else (None, (), True, None)
    if which and re.fullmatch(words.next, which, re.IGNORECASE):
        day = today + (7 - today.weekday() + number) * DAY  # that day of the next calendar week
        soon = nearest == day and (day - today).days <= 3  # “next Monday”, said on a Sunday
        return day, (day + 7 * DAY if soon else nearest,), False, None
    if which and not ahead:
        return today, (nearest,), False, None
    return nearest, () if ahead else (today,), False, None


def _weekday_number(text, language):
    return next(i for i, names in enumerate(ALL[language].days) if re.fullmatch(names, text, re.IGNORECASE))


def _near(day, text, language):
    """The weekday so called that lies nearest to a day."""
    return day + ((_weekday_number(text, language) - day.weekday() + 3) % 7 - 3) * DAY


def _weekday_of_month(match, language, today):
    """“Friday 27th”: the next such day that is one, within a few months; else the date, and the weekday beside it."""
    number, wanted = int(re.match(r"\d+", match["wnth"])[0]), _weekday_number(match["wday"], language)
    if not 1 <= number <= 31:
        return None
    ends = [_month_end(today, months) for months in range(4)]
    days = [end.replace(day=number) for end in ends if number <= end.day and end.replace(day=number) >= today]
    fits = [day for day in days if day.weekday() == wanted]
    if fits:
        return fits[0], (days[0],), False, None
    return days[0], (_near(days[0], match["wday"], language),), False, None


def _nth_weekday(match, language, local):
    """“The first Monday in December”, “last Friday of the month”."""
    today, words = local.date(), ALL[language]
    wanted = _weekday_number(match["nday"], language)
    nth = next(i for i, names in enumerate(words.nth) if names and re.fullmatch(names, match["nthday"], re.IGNORECASE))
    if match["nmonth"]:
        found = _library(f"1 {match['nmonth'].rstrip('.')} 2028", language, local)
        if found is None:
            return None
        years = [int(match["year0"])] if match["year0"] else [today.year, today.year + 1]
        starts = [date(year, found.month, 1) for year in years if 1 <= year <= 9000]
    else:
        starts = [_month_end(today, 1 if match["next_month"] else 0).replace(day=1)]
    for start in starts:
        day = start + ((wanted - start.weekday()) % 7 + 7 * min(nth, 3)) * DAY
        if nth == 4 and (day + 7 * DAY).month == day.month:
            day += 7 * DAY
        if day >= today:
            return day, (), False, None
    return None, (), True, None


def _from_now(match, language, local):
    if match["fortnight"]:
        return local.date() + 14 * DAY, (), False, None
    unit, words = match["unit"].lower(), match["n"].lower()
    n = int(words) if words.isdigit() else NUMBER.get("couple" if "couple" in words else words, 0)
    if not n:
        return None
    if re.match(r"min|hour|hr|stunde|heure|hora", unit):
        moment = _later(local, timedelta(minutes=n) if unit.startswith("min") else timedelta(hours=n))
        return moment.date(), (), False, moment.time()
    if match["working"]:
        day = local.date()
        while n:
            day += DAY
            n -= day.weekday() < 5
        return day, (), False, None
    if unit in FORTNIGHT:
        return local.date() + 14 * n * DAY, (), False, None
    lead = ALL[language].within.partition("|")[0]
    found = _library(f"{lead} {n} {match['unit']}", language, local)
    return (found, (), False, None) if found else None


def _later(local, span):
    """So much later by any clock, up to the next full minute."""
    moment = (local.astimezone(UTC) + span).astimezone(local.tzinfo)
    if moment.second or moment.microsecond:
        moment += timedelta(minutes=1)
    return moment.replace(second=0, microsecond=0, fold=0)


def _exact(text):
    try:
        return date.fromisoformat(text), (), False, None
    except ValueError:
        return None, (), True, None


def _numbers(text, today, month_first):
    """3/4 and 3.4.: by the reader's custom; the other reading is offered where it is a day too."""
    parts = [int(part) for part in re.split(r"[/.-]", text) if part]
    if text.startswith("24/7"):
        return None
    first, second = parts[:2]
    day, month = (second, first) if month_first and "/" in text else (first, second)
    if month > 12 >= day and "/" in text:
        day, month = month, day
    year = parts[2] + (2000 if parts[2] < 100 else 0) if len(parts) == 3 else None
    chosen = _date(year, month, day, today)
    other = _date(year, day, month, today) if "/" in text and day <= 12 and day != month else None
    if month > 12 or month < 1 or day < 1:
        return None
    return chosen, (other,) if other and chosen else (), chosen is None, None


def _date(year, month, day, today):
    """The day, in the next year that has it still ahead when none is named; None where there is none."""
    for candidate in [year] if year else range(today.year, today.year + 9):
        try:
            found = date(candidate, month, day)
        except ValueError:
            if month != 2 or day != 29:
                return None
            continue
        if year or found >= today:
            return found
    return None


def _of_month(number, today):
    for months in range(4):
        end = _month_end(today, months)
        if 1 <= number <= end.day and end.replace(day=number) >= today:
            return end.replace(day=number)
    return None


def _with_month(match, language, local):
    number, year = int(match["d1"] or match["d2"]), match["year1"] or match["year2"]
    month = (match["m1"] or match["m2"]).rstrip(".")
    if not 1 <= number <= 31:
        return None
    found = _library(f"{number} {month} {year or 2028}", language, local)  # 2028 has a 29 February
    if found is None:
        return None, (), True, None
    day = _date(int(year) if year else None, found.month, number, local.date())
    if day and match["wday"]:  # “Friday 3 December”, when the 3rd is a Thursday
        return day, (_near(day, match["wday"], language),), False, None
    return day, (), day is None, None


def _library(text, language, local):
    """What the date library makes of it, as a day; None for nothing. Its reference is today's midnight, not now, so
    that the settings it keeps for each reference are few."""
    import dateparser  # slow to load, and few texts name such a date

    settings = {
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": datetime.combine(local.date(), time()),
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    try:
        found = dateparser.parse(text[:LIBRARY], languages=[language], settings=settings)
    except (ValueError, OverflowError):
        return None
    return found.date() if found else None
