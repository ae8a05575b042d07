"""The questions of a round as they were asked: values taken from its snapshot, never from the questionnaire."""

from dataclasses import dataclass, field

from django.conf import settings

FALLBACK = "en-gb"
NEEDED = ("text", "low", "high", "hint")  # what another language has to say where English does
TO_CHECK = "to_check"  # beside the words of a language: the English ones have changed since


@dataclass(frozen=True)
class Asked:
    """One question as it was put, in one language; `language` is the one its words are really in."""

    key: str
    kind: str
    dimension: str = ""
    reverse: bool = False
    required: bool = False
    pick_up_to: int | None = None
    text: str = ""
    hint: str = ""
    low: str = ""
    high: str = ""
    options: dict = field(default_factory=dict)  # in the order shown
    show_if: dict | None = None
    language: str = FALLBACK

    @property
    def is_scale(self):
        return self.kind == "scale"

    @property
    def is_section(self):
        """A heading between questions: it has words, and nobody answers it."""
        return self.kind == "section"

    @property
    def takes_answer(self):
        return not self.is_section

    def shown_for(self, given):
        """Whether it is put to somebody who gave these answers: {key: anything with `number` and `choices`}."""
        return shows(self.show_if, given.get(self.show_if["key"]) if self.show_if else None)


def shows(show_if, answer):
    """Whether a question with this condition is shown beside that answer; without a condition it always is."""
    if not show_if:
        return True
    if answer is None:
        return False
    if "is" in show_if:
        return show_if["is"] in answer.choices
    if answer.number is None:
        return False
    if "at_most" in show_if:
        return answer.number <= show_if["at_most"]
    return answer.number >= show_if["at_least"]


def questions_of(snapshot, language=FALLBACK):
    """The questions of a snapshot in order; one not written in this language falls back to English as a whole."""
    return [_asked(entry, language) for entry in snapshot["questions"]]


def _asked(entry, language):
    wording = entry.get("wording") or {}
    english = wording.get(FALLBACK) or {}
    known = next((one for one in (language, language.split("-")[0]) if _text_in(wording, one)), FALLBACK)
    words = wording.get(known) or {}
    return Asked(
        **{name: entry.get(name) for name in ("key", "kind", "pick_up_to", "show_if")},
        dimension=entry.get("dimension") or "",
        reverse=bool(entry.get("reverse")),
        required=bool(entry.get("required")),
        **{name: words.get(name) or "" for name in ("text", "hint")},
        **{name: words.get(name) or english.get(name) or "" for name in ("low", "high")},
        options=options_of(wording, known),
        language=known,
    )


def _text_in(wording, language):
    return (wording.get(language) or {}).get("text")


def options_of(wording, language=FALLBACK):
    """{option: its words} as offered, in their order; an option without words in the language has its English ones.

    The order stands beside the English words as `order`, since a database may keep an object's keys in any order; an
    option that is offered no longer has its words still and is missing there.
    """
    english = (wording.get(FALLBACK) or {}).get("options") or {}
    words = (wording.get(language) or {}).get("options") or {}
    order = (wording.get(FALLBACK) or {}).get("order") or list(english)
    return {key: words.get(key) or english[key] for key in order if key in english}


def missing_in(entry, language):
    """What this question still lacks in a language: parts such as “text”, “low” or “options”; nothing in English."""
    wording = entry.get("wording") or {}
    english, words = wording.get(FALLBACK) or {}, wording.get(language) or {}
    lacking = [name for name in NEEDED if english.get(name) and not words.get(name)]
    there = words.get("options") or {}
    return lacking + ["options"] * any(not there.get(key) for key in options_of(wording))


def is_to_check(entry, language):
    """Whether the English words have changed since these were written, and nobody has looked at them."""
    return bool(((entry.get("wording") or {}).get(language) or {}).get(TO_CHECK))


def languages_of(snapshot):
    """The languages everything is written in, in the order of the settings; English always."""
    codes = [code for code, _name in settings.LANGUAGES]
    return [
        code
        for code in codes
        if code == FALLBACK or not any(missing_in(entry, code) for entry in snapshot["questions"])
    ]


def scale_questions(questions):
    """Those answered 0–10: what we can believe something about beforehand."""
    return [q for q in questions if q.is_scale]


def answerable(questions):
    """Those somebody answers: all but the headings between them."""
    return [q for q in questions if q.takes_answer]
