"""Rows in a list of requests: drawn once for each shape a row can have, then filled in."""

from functools import lru_cache
from html import escape
from types import SimpleNamespace

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.quick import PLAIN_ID, path_to
from accounts.stencils import OF_A_RECORD, OF_A_REQUEST, Stencil, request_of_none, words_of

register = template.Library()
# All that clients/requests/_row.html asks of a row and its request beside their ids and words.
WORDS = ("text", "short", "face", "who", "client", "client_id", "contact_id", "how", "assignee")
WORDS += ("ring", "iso", "title", "left")
STANDS_FOR = {name: f"zz-{name}-zz" for name in WORDS} | OF_A_RECORD | OF_A_REQUEST


@register.simple_tag(takes_context=True)
def request_row(context, row, *, picks=False, show_owner=False, hide_client=False):
    """clients/requests/_row.html for this row: with a box to pick it, with who answers, without its client."""
    it, request, token = row.it, context.get("request"), context.get("csrf_token")
    ids = (it.public_id, it.client.public_id, it.contact.public_id if it.contact else "-")
    if row.just_done or not token or not all(map(PLAIN_ID.fullmatch, ids)):
        with context.push(row=row, picks=picks, show_owner=show_owner, hide_client=hide_client):
            return context.template.engine.get_template("clients/requests/_row.html").render(context)
    shows_assignee, ended = bool(row.shows_assignee or show_owner), row.ended
    shape = (
        (bool(it.is_waiting), bool(it.deleted_at), bool(it.contact), bool(row.can_write), bool(row.clock), row.level),
        (bool(row.is_urgent), bool(row.asked_again), shows_assignee, bool(picks), bool(hide_client)),
        ended and (ended[0], ended[1], str(ended[2])),
    )
    values = {
        "id": it.public_id,
        "text": escape(row.text),
        "short": escape(row.short),
        "face": row.face,
        "who": escape(it.contact.name) if it.contact else "",
        "client": escape(it.client.name),
        "client_id": ids[1],
        "contact_id": ids[2],
        "how": escape(row.how),
        "assignee": escape(it.assignee.name) if shows_assignee else "",
        "ring": row.ring if row.clock else "",
        "iso": row.due_iso if row.clock else "",
        "title": escape(row.due_title) if row.clock else "",
        "left": escape(row.words),
        **words_of(request, token),
    }
    draw = _drawn_row.__wrapped__ if settings.DEBUG else _drawn_row
    return SafeString(draw(shape, get_language(), get_urlconf(), get_script_prefix()).fill(values))


@lru_cache(maxsize=1000)
def _drawn_row(shape, *_language_and_addresses):
    (waiting, removed, contact, can_write, clock, level), (urgent, again, assignee, picks, hide_client), ended = shape
    words = SimpleNamespace(**STANDS_FOR)
    it = SimpleNamespace(
        public_id=words.id, is_waiting=waiting, deleted_at=removed, assignee=SimpleNamespace(name=words.assignee),
        get_absolute_url=lambda: path_to("request", words.id),
        client=SimpleNamespace(
            public_id=words.client_id, name=words.client, get_absolute_url=lambda: path_to("client", words.client_id)
        ),
        contact=SimpleNamespace(public_id=words.contact_id, name=words.who) if contact else None,
    )  # fmt: skip
    row = SimpleNamespace(
        it=it, text=words.text, short=words.short, face=SafeString(words.face), how=words.how, can_write=can_write,
        is_urgent=urgent, asked_again=again, shows_assignee=assignee, level=level, clock=clock, just_done=False,
        ring=SafeString(words.ring), due_iso=words.iso, due_title=words.title, words=words.left, ended=ended,
    )  # fmt: skip
    known = {"row": row, "request": request_of_none(), "csrf_token": words.token}
    known |= {"picks": picks, "hide_client": hide_client}
    return Stencil(render_to_string("clients/requests/_row.html", known), STANDS_FOR)
