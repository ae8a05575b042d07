"""Rows in a list of reminders: drawn once for each shape a row can have, then filled in."""

from functools import lru_cache
from html import escape
from types import SimpleNamespace

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.quick import PLAIN_ID
from accounts.stencils import OF_A_RECORD, OF_A_REQUEST, Stencil, request_of_none, words_of

register = template.Library()
WORDS = ("title", "client", "client_id", "client_url", "iso", "day", "due")
STANDS_FOR = {name: f"zz-{name}-zz" for name in WORDS} | OF_A_RECORD | OF_A_REQUEST


@register.simple_tag(takes_context=True)
def follow_up_rows(context, rows, *, hide_client=False):
    """clients/follow_ups/_row.html for each; on the client's own page without its client."""
    rows, request, token = list(rows), context.get("request"), context.get("csrf_token")
    if not token or not all(not row.just_done and PLAIN_ID.fullmatch(row.follow_up.public_id) for row in rows):
        whole = context.template.engine.get_template("clients/follow_ups/_row.html")
        with context.push(hide_client=hide_client):
            return SafeString("".join(_whole_row(whole, context, row) for row in rows))
    here, known = (get_language(), get_urlconf(), get_script_prefix()), words_of(request, token)
    draw = _drawn_row.__wrapped__ if settings.DEBUG else _drawn_row
    return SafeString("".join(draw(row.is_due, bool(hide_client), *here).fill(known | _words(row)) for row in rows))


def _whole_row(whole, context, row):
    with context.push(row=row):
        return whole.render(context)


def _words(row):
    it = row.follow_up
    return {
        "id": it.public_id,
        "title": escape(row.title),
        "client": escape(it.client.name),
        "client_id": it.client.public_id,
        "client_url": it.client.get_absolute_url(),
        "iso": row.due_iso,
        "day": escape(row.due_title),
        "due": escape(row.due),
    }


@lru_cache(maxsize=1000)
def _drawn_row(is_due, hide_client, *_language_and_addresses):
    words = SimpleNamespace(**STANDS_FOR)
    client = SimpleNamespace(name=words.client, public_id=words.client_id, get_absolute_url=lambda: words.client_url)
    row = SimpleNamespace(
        follow_up=SimpleNamespace(public_id=words.id, client=client), title=words.title, is_due=is_due, due=words.due,
        due_iso=words.iso, due_title=words.day, just_done=False,
    )  # fmt: skip
    known = {"row": row, "request": request_of_none(), "csrf_token": words.token, "hide_client": hide_client}
    return Stencil(render_to_string("clients/follow_ups/_row.html", known), STANDS_FOR)
