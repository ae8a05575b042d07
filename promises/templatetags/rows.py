"""Rows in a list of promises: drawn once for each shape a row can have, then filled in."""

from functools import lru_cache
from html import escape
from types import SimpleNamespace

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.quick import PLAIN_ID, path_to
from accounts.stencils import OF_A_RECORD, OF_A_REQUEST, Stencil, request_of_none, words_of

register = template.Library()
# All that promises/_row.html and what it includes ask of a promise beside its id and its words.
STATE = ("is_active", "is_delivered", "is_ours", "is_open", "state", "made_good_at", "snoozes")
WORDS = ("what", "whom", "client", "client_url", "owner", "wait", "iso", "title", "due", "phone", "call")
STANDS_FOR = {name: f"zz-{name}-zz" for name in WORDS} | OF_A_RECORD | OF_A_REQUEST
NO_DUE = SimpleNamespace(kind="", iso="", title="", words="")


@register.simple_tag(takes_context=True)
def promise_row(context, row, *, picks=False, show_owner=False):
    """promises/_row.html for this row: with a box to pick it, with its owner even where that is the reader."""
    promise, request, token = row.promise, context.get("request"), context.get("csrf_token")
    if row.just_done or not token or request.method == "POST" or not PLAIN_ID.fullmatch(promise.public_id):
        with context.push(row=row, picks=picks, show_owner=show_owner):
            return context.template.engine.get_template("promises/_row.html").render(context)
    shows_owner = bool(row.shows_owner or show_owner)
    act, ended = row.act, row.ended
    due = NO_DUE if ended else row.due
    wait = row.waits_for or row.put_off
    shape = (
        (*(getattr(promise, name) for name in STATE[:-2]), bool(promise.made_good_at), promise.snoozes),
        (bool(row.late), bool(row.can_write), promise.importance, shows_owner, bool(wait), act, due.kind),
        ended and (ended[0], ended[1], str(ended[2])),
        bool(picks),
    )
    values = {
        "id": promise.public_id,
        "what": escape(promise.what),
        "whom": escape(row.whom),
        "client": escape(promise.client.name),
        "client_url": escape(promise.client.get_absolute_url()),
        "owner": escape(promise.owner.name) if shows_owner else "",
        "wait": escape(wait),
        "iso": due.iso,
        "title": escape(due.title),
        "due": escape(due.words),
        "phone": escape(row.phone_url) if act == "call" else "",
        "call": escape(row.call_name) if act in ("call", "nudge") else "",
        **words_of(request, token),
    }
    draw = _drawn_row.__wrapped__ if settings.DEBUG else _drawn_row
    return SafeString(draw(shape, get_language(), get_urlconf(), get_script_prefix()).fill(values))


@lru_cache(maxsize=1000)
def _drawn_row(shape, *_language_and_addresses):
    state, (late, can_write, importance, shows_owner, waits, act, kind), ended, picks = shape
    words = SimpleNamespace(**STANDS_FOR)
    promise = SimpleNamespace(**dict(zip(STATE, state, strict=True)), importance=importance)
    promise.public_id, promise.what, promise.owner = words.id, words.what, SimpleNamespace(name=words.owner)
    promise.get_absolute_url = lambda: path_to("promise", words.id)
    promise.client = SimpleNamespace(name=words.client, get_absolute_url=lambda: words.client_url)
    marks = {"late": "circle-alert", "soon": "clock"}
    row = SimpleNamespace(
        promise=promise, late=late, can_write=can_write, shows_owner=shows_owner, act=act, ended=ended,
        side="us" if promise.is_ours else "them", mark="arrow-up-right" if promise.is_ours else "arrow-down-left",
        whom=words.whom, waits_for=words.wait if waits else "", put_off="", phone_url=words.phone,
        call_name=words.call, nudge_url=reverse("promise_letter", args=[words.id, "nudge"]), just_done=False,
        ticks_at_once=can_write and promise.is_active and not late, asks_why=can_write and promise.is_active and late,
        due=SimpleNamespace(kind=kind, mark=marks.get(kind, ""), iso=words.iso, title=words.title, words=words.due),
    )  # fmt: skip
    known = {"row": row, "request": request_of_none(), "picks": picks, "csrf_token": words.token}
    return Stencil(render_to_string("promises/_row.html", known), STANDS_FOR)
