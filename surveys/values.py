"""One answer as a value: read from what a browser sent, refused in words, and given back as it was sent."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.forms import one_line, plain_text
from surveys.models import Answer

WORDS, COMMENT, NAME, EMAIL, PHONE, WHEN = 10_000, 5_000, 120, 254, 60, 200
DETAILS = (("name", NAME), ("email", EMAIL), ("phone", PHONE))


@dataclass(frozen=True)
class Value:
    """One answer as it stands: exactly what the columns of `Answer` hold."""

    number: int | None = None
    cant_say: bool = False
    words: str = ""
    choices: list = field(default_factory=list)
    comment: str = ""

    @property
    def is_empty(self):
        return self == EMPTY

    @property
    def is_given(self):
        """An answer to the question itself; a few words beside a scale alone are none."""
        return self.number is not None or self.cant_say or bool(self.words or self.choices)

    @property
    def fingerprint(self):
        """Short and the same for the same answer: tells a field somebody changed from one they left as it was."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


EMPTY = Value()


def value_of(answer):
    return Value(**{name: getattr(answer, name) for name in Answer.VALUE}) if answer else EMPTY


# -------------------------------------------------------------------- reading what was sent


def read(question, data):
    """The `Value` in a form's data (a QueryDict) for this question; ValidationError in words when it is none."""
    return READERS[question.kind](question, data)


def _scale(question, data):
    raw = data.get(f"q-{question.key}", "")
    comment = _text(data.get(f"c-{question.key}", ""), COMMENT)
    if raw == "":
        return Value(comment=comment)
    if raw == "na":
        return Value(cant_say=True, comment=comment)
    if not (raw.isascii() and raw.isdigit() and len(raw) < 3 and int(raw) <= 10):
        raise ValidationError(_("Choose a number from 0 to 10, or “I can’t say”."))
    return Value(number=int(raw), comment=comment)


def _options(question, data):
    chosen = list(dict.fromkeys(value for value in data.getlist(f"q-{question.key}") if value))
    if any(value not in question.options for value in chosen):
        raise ValidationError(_("Choose from the list."))
    most = 1 if question.kind == "choice" else question.pick_up_to or len(question.options)
    if len(chosen) > most:
        raise ValidationError(_("Choose at most %(most)d.") % {"most": most})
    return Value(choices=sorted(chosen))


def _yes_no(question, data):
    raw = data.get(f"q-{question.key}", "")
    if raw not in ("", "yes", "no"):
        raise ValidationError(_("Choose yes or no."))
    return Value(choices=[raw] if raw else [])


def _words(question, data):
    return Value(words=_text(data.get(f"q-{question.key}", ""), WORDS))


def _call(question, data):
    yes_no = _yes_no(question, data)
    phone = _line(data.get(f"q-{question.key}-phone", ""), PHONE)
    when = _line(data.get(f"q-{question.key}-when", ""), WHEN)
    if yes_no.choices != ["yes"]:
        return yes_no
    return Value(choices=["yes"], words=phone, comment=when)


def _contact(question, data):
    """Name, e-mail and phone, in this order in `choices`; nothing at all is no answer."""
    details = [_line(data.get(f"q-{question.key}-{name}", ""), most) for name, most in DETAILS]
    if details[1]:
        try:
            validate_email(details[1])
        except ValidationError:
            raise ValidationError(_("Enter a whole e-mail address, such as name@example.com.")) from None
    return Value(choices=details if any(details) else [])


READERS = {
    "scale": _scale,
    "choice": _options,
    "pick": _options,
    "yes_no": _yes_no,
    "text": _words,
    "call": _call,
    "contact": _contact,
}


def _text(raw, most):
    text = raw.replace("\r\n", "\n").strip()
    plain_text(text)
    if len(text) > most:
        raise ValidationError(
            ngettext(
                "At most %(most)d character fits here; this has %(has)d.",
                "At most %(most)d characters fit here; this has %(has)d.",
                most,
            )
            % {"most": most, "has": len(text)}
        )
    return text


def _line(raw, most):
    text = _text(raw, most)
    one_line(text)
    return text


# -------------------------------------------------------------------- giving it back


def sent_as(question, value):
    """The pairs a browser sends for this value: what a page puts back into its fields."""
    name = f"q-{question.key}"
    if question.kind == "scale":
        number = "na" if value.cant_say else "" if value.number is None else str(value.number)
        return [pair for pair in ((name, number), (f"c-{question.key}", value.comment)) if pair[1]]
    if question.kind == "text":
        return [(name, value.words)]
    if question.kind == "contact":
        return [(f"{name}-{part}", words) for (part, _most), words in zip(DETAILS, value.choices, strict=False)]
    pairs = [(name, choice) for choice in value.choices]
    if question.kind == "call":
        pairs += [(f"{name}-phone", value.words), (f"{name}-when", value.comment)]
    return pairs
