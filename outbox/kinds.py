"""The kinds of mail. Each room registers its own when it starts, so the outbox calls upward without importing."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

STAFF = "staff"
CLIENT = "client"


class UnknownKind(LookupError):
    """No room of this installation registered a kind of this name."""


@dataclass(frozen=True)
class Invite:
    """A calendar entry that goes with a mail: an iTIP message (RFC 5546) and its method, REQUEST or CANCEL."""

    content: bytes
    method: str
    filename: str = "invite.ics"


@dataclass(frozen=True)
class Message:
    """What is said, made at the moment of sending and never stored. The text comes first; the HTML repeats it."""

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    invite: Invite | None = None


def _always_wanted(email, now):
    return ""


@dataclass(frozen=True)
class Kind:
    """How mails of one name are written, and whether they still make sense.

    `render(email) -> Message` is called at sending, possibly more than once.
    `still_wanted(email, now) -> str` gives "" for yes, otherwise the reason in words, and the mail is cancelled.
    `unsubscribe(email, now)` makes the mail stoppable with one click; it may be called twice.
    `language(email)` is its reader's, for the page where it is stopped; without one that speaks as the browser does.
    `on_trouble(email)` is called once, in the transaction that stored the trouble, when a person has to look at it.
    `on_bounce(email, now)` is called when it comes back after a server took it; without one, `on_trouble` is.
    `on_correction(email, to, now)` is called when a person corrects its address, or sends it there again because it is
    right; it gives the reason in words why it cannot go there, or "".
    `can_wait=False` puts a mail before all others (somebody sits before the screen and waits for it).
    `automatic=False`: a person chose to send it, or its reader asked for it; the contact cap does not count it.
    """

    name: str
    audience: str
    render: Callable
    still_wanted: Callable = _always_wanted
    unsubscribe: Callable | None = None
    on_trouble: Callable | None = None
    on_bounce: Callable | None = None
    on_correction: Callable | None = None
    can_wait: bool = True
    automatic: bool = True
    language: Callable | None = None

    def __post_init__(self):
        if self.audience not in (STAFF, CLIENT):
            raise ValueError(f"{self.name}: the audience is “staff” or “client”, not {self.audience!r}.")


_kinds: dict[str, Kind] = {}


def register(kind):
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"Two kinds of mail are called {kind.name!r}.")
    return kind


def get(name):
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"Nobody here knows how to write a mail of the kind “{name}”.") from None


def corrects(name):
    """Does the room of this kind hear of a corrected address?"""
    kind = _kinds.get(name)
    return bool(kind and kind.on_correction)


def known():
    """Every kind of this installation."""
    return list(_kinds.values())


_on_bounce: list[Callable] = []
_on_complaint: list[Callable] = []


def register_bounce_listener(listener):
    """`listener(address, now)`: nothing sent to this address arrives. Called in the order of registering."""
    if listener not in _on_bounce:
        _on_bounce.append(listener)


def bounce_listeners():
    return list(_on_bounce)


def register_complaint_listener(listener):
    """`listener(address, now)`: whoever reads mail to this address called one of ours spam."""
    if listener not in _on_complaint:
        _on_complaint.append(listener)


def complaint_listeners():
    return list(_on_complaint)


@contextmanager
def registered(*kinds):
    """For tests: these kinds exist inside the block, and take the place of others with their name."""
    before = dict(_kinds)
    _kinds.update({kind.name: kind for kind in kinds})
    try:
        yield
    finally:
        _kinds.clear()
        _kinds.update(before)
