"""The client page as a frame: upper rooms hang their sections in it, so that nothing here imports upward.

In an upper room's `AppConfig.ready`:

    page.register_section(slot="main", order=10, template="promises/_both_ways.html", context=both_ways)

`context(client, user, now)` answers a dict for the template, or None to show nothing; `client`, `user`, `now` and
`may_write` are there too. A section may be named for the jump links of small screens: `anchor` is the id its template
carries, `title` the words of the link.
"""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

SLOTS = ("main", "side", "actions")

_sections = []
_person_parts = []


@dataclass(frozen=True)
class Section:
    slot: str  # "main" before the timeline, "side" in the rail, "actions" beside the owner
    order: int
    template: str
    context: Any
    anchor: str = ""
    title: Any = ""


@dataclass(frozen=True)
class Drawn:
    """A section as HTML."""

    html: str
    anchor: str
    title: Any


def register_person_part(template, context):
    """Let a room add to the page of a person: `context(person, user, now)` answers a dict, or None for nothing."""
    if (template, context) not in _person_parts:
        _person_parts.append((template, context))


def person_parts(person, *, user, now):
    """[(template, context)…] of the parts that have something to show this reader."""
    told = ((template, context(person, user, now)) for template, context in _person_parts)
    return [{"template": template, "known": known} for template, known in told if known is not None]


def register_section(*, slot, order, template, context, anchor="", title=""):
    if slot not in SLOTS:
        raise ValueError(f"{slot!r} is no slot of the client page: {', '.join(SLOTS)}")
    section = Section(slot, order, template, context, anchor, title)
    if section not in _sections:
        _sections.append(section)


def sections(slot, *, client, request, now, may_write):
    """The sections of a slot for this reader, in order; those with nothing to show are left out."""
    drawn = []
    for section in sorted(_sections, key=lambda section: (section.order, section.template)):
        if section.slot != slot:
            continue
        context = section.context(client, request.user, now)
        if context is not None:
            known = {"client": client, "user": request.user, "now": now, "may_write": may_write}
            html = render_to_string(section.template, {**known, **context}, request=request)
            drawn.append(Drawn(html, section.anchor, section.title))
    return drawn
