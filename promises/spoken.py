"""By when, as people say it: “by Friday noon”, “in two weeks”, “3/4 at 5pm”, “am Freitag”. Pure: no database, no clock.

The words are in spoken_words.py. Weekdays, ends of weeks and times are rules of this house; dates with a month and
“in two weeks” are read by `dateparser`, which is loaded when the first of them comes along (spoken_days.py).

A day is never in the past: without a year it is the next such day; with one that has gone by, there is no day and
`gone` says so. What may mean another day too names it in `others`, for somebody to choose.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, time
from functools import lru_cache

from accounts.worktime import due_moment
from promises.spoken_days import DAY, FORTNIGHT, NUMBER, day_of
from promises.spoken_words import ALL

LONGEST = 600  # characters of a sentence
# “Two weeks from Friday”, “a week on Friday”, “a week tomorrow”: what stands before such a day.
WEEKS_FROM = re.compile(
    r"\b(?:(?P<n>a|one|two|three|four|\d{1,2})\s+weeks?\s+(?:from|after)\s+(?:this\s+)?"
    r"|(?P<on>a|one|two|three)\s+weeks?\s+)$",
    re.IGNORECASE,
)
END_OF_DAY = re.compile(
    r"(?:by\s+)?(?:eod|cob|(?:the\s+)?(?:end|close)\s+of\s+(?:the\s+)?(?:day|play|business))", re.IGNORECASE
)


@dataclass(frozen=True)
class When:
    """What one piece of a text says about when. `day` is None where it names none that is still ahead."""

    start: int
    end: int
    day: date | None
    at: time | None = None
    others: tuple = ()  # other days it may mean
    firm: bool = False  # said as a due: “by”, “until”, “before”
    clock: str = ""  # whose clock was named: "mine", "theirs", or nobody's
    gone: bool = False  # it has passed, or there is no such day
    by_hour: bool = False  # counted in hours from now, so by the clock of whoever says it


def whens(text, *, now, zone, languages=("en",), month_first=False):
    """Everything in the text that says when, in order; none overlaps another.

    `now` aware, `zone` the reader's; `languages` two-letter codes, the reader's own first; `month_first` reads 3/4 as
    4 March.
    """
    text = text[:LONGEST]
    local = now.astimezone(zone)
    found = []
    for language in dict.fromkeys((*languages, "en")):
        if language in ALL:
            found += _in_language(text, language, local, month_first)
    taken, kept = [False] * (len(text) + 1), []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = [True] * (one.end - one.start)
            kept.append(_ahead(one, now, zone))
    return _together(text, sorted(kept, key=lambda one: one.start))


def _together(text, found):
    """“End of day Friday” and “17:00, Friday 3 December” are one thing each."""
    kept = []
    for one in found:
        last = kept[-1] if kept else None
        if last and not text[last.end : one.start].strip(" ,") and END_OF_DAY.fullmatch(text[last.start : last.end]):
            kept.pop()
            one = replace(one, start=last.start, firm=one.firm or last.firm)
        kept.append(one)
    return kept


def _ahead(one, now, zone):
    """The same, but never behind us."""
    if one.day is None:
        return one
    today = now.astimezone(zone).date()
    others = tuple(day for day in dict.fromkeys(one.others) if day >= today and day != one.day)
    try:
        behind = one.day < today or due_moment(one.day, one.at, zone) <= now or one.day.year > 2200
    except ValueError:
        behind = True
    return replace(one, day=None, others=(), gone=True) if behind else replace(one, others=others)


# -------------------------------------------------------------------- finding


def _any(words):
    return "|".join(words)


@lru_cache(maxsize=8)
def _rules(language):
    """The regular expressions of one language: what names a day, what may stand before, what may follow."""
    words = ALL[language]
    flags = re.IGNORECASE
    days = _any(words.days)
    months = rf"(?:{words.months})\.?"
    year = r"(?:,?\s+(?P<year{0}>\d{{4}}))?"
    nth = _any(word for word in words.nth if word)
    week = rf"(?:{_any(words.week)})(?:\s*,?\s+(?:{words.on}))?"
    beside = _any((week, words.next, words.this, words.past))
    then = _any((*words.week, *words.shifts, words.next, words.past))
    core = re.compile(
        rf"(?<![\w’'])(?:(?:{words.the or '(?!)'})?(?P<nthday>{nth})\s+(?P<nday>{days})\s+(?:{words.of})\s*"
        rf"(?:(?P<nmonth>{months}){year.format(0)}|(?P<this_month>{words.month[0]})|(?P<next_month>{words.month[1]}))"
        rf"|(?:(?P<wday>{days})\s*,?\s+)?(?:{words.the or '(?!)'})?(?:"
        rf"(?P<d1>\d{{1,2}})(?:{words.ordinal}|\.)?\s+(?:of\s+|de\s+)?(?P<m1>{months}){year.format(1)}(?!\s*[ap]m\b)"
        rf"|(?P<m2>{months})\s+(?P<d2>\d{{1,2}})(?:{words.ordinal})?(?![\w:]|[.]\d|\s*[ap]m\b){year.format(2)}"
        rf"|(?P<iso>\d{{4}}(?P<sep>[-/.])\d{{2}}(?P=sep)\d{{2}})"
        rf"|(?P<num>\d{{1,2}}/\d{{1,2}}(?:/(?:\d{{4}}|\d{{2}}))?|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}}|\d{{2}})?"
        rf"|\d{{1,2}}-\d{{1,2}}-\d{{4}})"
        rf"|(?(wday)(?P<wnth>\d{{1,2}}(?:{words.ordinal})|{words.bare_day})(?![:./]\d|\s*(?:[ap]m|h|uhr|o[’']?clock)\b)|(?!)))"
        rf"|(?:(?P<which>{beside})\s*,?\s+)?(?P<day>{days})"
        rf"(?:\s*,?\s+(?:(?P<after>{then})|(?:{words.within})\s+(?P<wn>\d{{1,2}}|{words.numbers})\s+(?:{words.weeks})))?"
        rf"|(?P<special>{_any(words.special.values())})"
        rf"|(?:(?P<within>{words.within})\s+)?(?P<n>\d{{1,3}}|{words.numbers})\s+(?P<working>(?:working|business)\s+)?"
        rf"(?P<unit>{words.units})(?P<later>\s*(?:{words.later or '(?!)'}))?"
        rf"|in\s+a\s+(?P<fortnight>fortnight)"
        rf"|(?P<short>{_any(s for s in words.short if s) or '(?!)'})"
        rf"|(?:(?P<the>{words.the or '(?!)'}))?(?P<nth>\d{{1,2}})(?:{words.ordinal}))(?!\w)",
        flags,
    )
    lead = rf"(?:(?P<by>{words.by})|(?P<on>{words.on}))\s+(?:{words.the or '(?!)'})?"
    at, clock, whose = rf"(?:{words.at})\s+", _clock_rule(words), r"(?:\s+(?P<whose>my|our|their|your)\s+time)?"
    return {
        "core": core,
        "by": re.compile(rf"(?<![\w’'])(?:{lead})$", flags),
        "past": re.compile(rf"(?<!\w)(?:{words.past})\s+$", flags),
        "before": re.compile(rf"(?<![\w:.])(?:(?:{at})?{clock}|{at}(?P<bare>\d{{1,2}}))\s*,?\s*$", flags),
        "after": re.compile(rf"\s*,?\s*(?:(?:{at})?{clock}|{at}(?P<bare>\d{{1,2}})(?![\w.:/%])){whose}", flags),
        "alone": re.compile(rf"(?<![\w:.])(?:(?P<by>{words.by}|{words.at})\s+)?{clock}{whose}", flags),
    }  # fmt: skip


def _clock_rule(words):
    return (
        r"(?:(?P<h>\d{1,2})(?::|[.](?=\d\d))(?P<min>\d\d)(?:\s*(?P<half>am|pm))?(?:\s*uhr)?"
        r"|(?P<g>\d{1,2})\s*(?P<ghalf>am|pm)|(?P<oclock>\d{1,2})\s*o[’']?clock"
        r"|(?P<u>\d{1,2})\s*(?:h(?:\s?(?P<umin>\d\d))?|uhr)"
        rf"|(?:in\s+the\s+)?(?P<word>{_any(words.times)}))(?!\w)"
    )


def _in_language(text, language, local, month_first):
    rules, found, last = _rules(language), [], 0
    for match in rules["core"].finditer(text):
        if rules["past"].search(text[: match.start()]):
            continue
        if one := _with_company(text, match, rules, language, local, month_first, floor=last):
            found.append(one)
            last = one.end
    for match in rules["alone"].finditer(text):
        free = not any(one.start < match.end() and match.start() < one.end for one in found)
        if free and (one := _time_alone(match, language, local)):
            found.append(one)
    return found


def _with_company(text, match, rules, language, local, month_first, *, floor):
    """The day together with the word before it and the time beside it."""
    start, end = match.span()
    at, clock = None, ""
    timed = False
    lead = rules["by"].search(text[floor:start])
    if lead:
        start = floor + lead.start()
    if before := rules["before"].search(text[floor:start]):
        at, timed = _clock(before, language), True
        start = floor + before.start()
        if inner := rules["by"].search(text[floor:start]):
            lead, start = inner, floor + inner.start()
    if not timed and (after := rules["after"].match(text, end)):
        at, timed = _clock(after, language), True
        end, clock = after.end(), _whose(after)
        more = rules["after"].match(text, end)
        if more and bool(more["word"]) != bool(after["word"]):  # “tomorrow morning at 9”, “Friday at 8 in the evening”
            at = _in_part_of_day(after, more, language)
            end, clock = more.end(), clock or _whose(more)
    if at and at.hour < 12 and re.fullmatch(ALL[language].tonight, match["special"] or "", re.IGNORECASE):
        at = at.replace(hour=at.hour + 12)
    named = day_of(match, language, local, month_first)
    if named is None or (not named[0] and not named[2] and not lead):
        return None
    day, others, gone, hours = named
    firm = bool(lead and lead["by"])
    weeks = WEEKS_FROM.search(text[floor:start]) if day and (match["day"] or match["special"]) else None
    if weeks and (weeks["n"] or not firm):
        n = (weeks["n"] or weeks["on"]).lower()
        day, others = day + 7 * (int(n) if n.isdigit() else NUMBER[n]) * DAY, ()
        start = floor + weeks.start()
        if lead := rules["by"].search(text[floor:start]):
            start, firm = floor + lead.start(), bool(lead["by"])
    if match["short"] and not (lead or timed or not text[end:].strip(" .,!?")):
        return None
    if match["num"] and not (lead or timed or not text[end:].strip(" .,!") or not text[:start].strip()):
        return None
    if match["nth"] and not (lead or match["the"]):
        return None
    if match["nth"] and match["the"] and not lead and text[end:].strip(" .,!"):
        return None  # “the 2nd draft”
    if match["unit"] and not (match["within"] or match["later"] or match["unit"].lower() in FORTNIGHT):
        return None
    return When(
        start, end, day, hours or at, others, firm=firm or bool(match["within"]), clock=clock, gone=gone,
        by_hour=bool(hours),
    )  # fmt: skip


def _in_part_of_day(one, other, language):
    """A time together with the part of the day it is in: “8 in the evening”, “the afternoon at 3”."""
    told, word = (other, one["word"]) if one["word"] else (one, other["word"])
    at = _clock(told, language)
    morning = re.fullmatch(ALL[language].morning, word, re.IGNORECASE)
    if at is None or told["half"] or told["ghalf"]:
        return at
    if morning:
        return at.replace(hour=at.hour - 12) if told["bare"] and int(told["bare"]) <= 6 and at.hour >= 12 else at
    return at.replace(hour=at.hour + 12) if 1 <= at.hour < 12 and _clock_word(word, language) != 12 else at


def _clock_word(word, language):
    """The hour a word for a time of day means; None for the end of the day."""
    hours = ALL[language].times.items()
    return next(hour for words, hour in hours if re.fullmatch(words, word, re.IGNORECASE))


def _whose(match):
    said = (match.groupdict().get("whose") or "").lower()
    return {"my": "mine", "our": "mine", "their": "theirs", "your": "theirs"}.get(said, "")


def _time_alone(match, language, local):
    """A time without a day: today, or tomorrow when today's has passed."""
    if match["word"] and not match["by"]:
        return None
    at = _clock(match, language)
    if at is None and not match["word"]:
        return None
    today = local.date()
    day = today if at is None or at > local.time() else today + DAY
    firm = bool(match["by"]) and bool(re.fullmatch(ALL[language].by, match["by"], re.IGNORECASE))
    return When(match.start(), match.end(), day, at, firm=firm, clock=_whose(match))


def _clock(match, language):
    """The time of day a match names; None for the end of the day."""
    found = match.groupdict()
    if found["word"]:
        hour = _clock_word(found["word"], language)
        return None if hour is None else time(hour)
    if bare := found.get("bare") or found["oclock"]:
        return _time(int(bare) + (12 if 1 <= int(bare) <= 6 else 0), 0)  # “at 5” in an office
    if found["u"]:
        return _time(int(found["u"]), int(found["umin"] or 0))
    hour, half = int(found["h"] or found["g"]), (found["half"] or found["ghalf"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return _time(hour, int(found["min"] or 0))


def _time(hour, minute):
    return time(hour, minute) if hour < 24 and minute < 60 else None
