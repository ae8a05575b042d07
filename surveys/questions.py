"""The questions of a round as they were asked: values taken from its snapshot, never from the questionnaire."""

from dataclasses import dataclass, field

FALLBACK = "en-gb"


@dataclass(frozen=True)
class Asked:
    """One question as it was put, in one language."""

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
    options: dict = field(default_factory=dict)

    @property
    def is_scale(self):
        return self.kind == "scale"


def questions_of(snapshot, language=FALLBACK):
    """The questions of a snapshot in order; a language nobody wrote falls back to English."""
    return [_asked(entry, language) for entry in snapshot["questions"]]


def _asked(entry, language):
    wording = entry.get("wording") or {}
    words = wording.get(language) or wording.get(language.split("-")[0]) or wording.get(FALLBACK) or {}
    known = {name: entry.get(name) for name in ("key", "kind", "pick_up_to")}
    return Asked(
        **known,
        dimension=entry.get("dimension") or "",
        reverse=bool(entry.get("reverse")),
        required=bool(entry.get("required")),
        **{name: words.get(name, "") for name in ("text", "hint", "low", "high")},
        options=words.get("options") or {},
    )


def scale_questions(questions):
    """Those answered 0–10: what we can believe something about beforehand."""
    return [q for q in questions if q.is_scale]
