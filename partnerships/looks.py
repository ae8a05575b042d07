"""What other rooms know of a concern, shown in its step “look” and on the sheet to print. Nothing here imports upward.

In an upper room's `AppConfig.ready`: `looks.register(look)` with `look(concern, user, now) -> Look | None`. Whoever
gives a Look has asked what this reader may know; the brief marks what only managers read.
"""

from dataclasses import dataclass, field

_looks = []


@dataclass(frozen=True)
class Look:
    template: str  # the piece of the page, drawn with `look` = context
    brief: str = ""  # the piece of the sheet
    context: dict = field(default_factory=dict)
    promise_ids: list = field(default_factory=list)  # promises that came of an earlier time, as this room knows it


def register(look):
    if look not in _looks:
        _looks.append(look)


def of(concern, *, user, now):
    """Every room's piece for this reader."""
    return [found for look in _looks if (found := look(concern, user, now))]


_followers = []


def register_follower(follower):
    """Let an upper room know of a concern somebody opened from a survey: `follower(concern, by, now)`."""
    if follower not in _followers:
        _followers.append(follower)


def opened_from_survey(concern, *, by, now):
    for follow in _followers:
        follow(concern, by, now)
