"""Parts of a row in a list of promises: drawn once for each state a promise can be in, then filled in."""

from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import quote

from django import template
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.quick import PLAIN_ID, STAND_IN, path_to

register = template.Library()
WHAT, PATH, TOKEN = "zz-what-zz", "zz-path-zz", "zz-token-zz"
# All that promises/_row_menu.html asks of a promise beside its id and its words.
STATE = ("is_active", "is_delivered", "is_ours", "is_open", "state", "made_good_at", "snoozes")


@register.simple_tag(takes_context=True)
def row_menu(context, row):
    promise = row.promise
    if not row.can_write:
        return ""
    if not PLAIN_ID.fullmatch(promise.public_id):
        return render_to_string("promises/_row_menu.html", context.flatten())
    state = tuple(getattr(promise, name) for name in STATE[:-2])
    known = (bool(promise.made_good_at), promise.snoozes)
    drawn = _drawn(bool(row.late), (*state, *known), get_language(), get_urlconf(), get_script_prefix())
    path = quote(context["request"].get_full_path(), safe="")
    filled = drawn.replace(STAND_IN, promise.public_id).replace(PATH, path)
    return SafeString(filled.replace(WHAT, escape(promise.what)))


@register.simple_tag(takes_context=True)
def row_tick(context, row, boxes=""):
    """The round mark of a row; drawn once where it is a button or leads to the question why."""
    promise, path = row.promise, context["request"].get_full_path()
    kind = "tick" if row.ticks_at_once else "why" if row.asks_why else ""
    if not kind or not PLAIN_ID.fullmatch(promise.public_id):
        return render_to_string("promises/_tick.html", context.flatten())
    drawn = _drawn_tick(kind, promise.is_ours, bool(boxes), get_language(), get_urlconf(), get_script_prefix())
    filled = drawn.replace(STAND_IN, promise.public_id).replace(TOKEN, str(context.get("csrf_token", "")))
    path = escape(path) if kind == "tick" else quote(path, safe="")
    return SafeString(filled.replace(PATH, path).replace(WHAT, escape(promise.what)))


@lru_cache(maxsize=100)
def _drawn_tick(kind, is_ours, boxes, *_language_and_addresses):
    promise = SimpleNamespace(public_id=STAND_IN, what=WHAT, is_ours=is_ours)
    row = SimpleNamespace(promise=promise, ticks_at_once=kind == "tick", asks_why=kind == "why")
    request = SimpleNamespace(get_full_path=PATH)
    known = {"row": row, "promise": promise, "request": request, "boxes": boxes, "csrf_token": TOKEN}
    return render_to_string("promises/_tick.html", known)


@lru_cache(maxsize=500)
def _drawn(late, state, *_language_and_addresses):
    promise = SimpleNamespace(**dict(zip(STATE, state, strict=True)), public_id=STAND_IN, what=WHAT)
    promise.get_absolute_url = lambda: path_to("promise", STAND_IN)
    row = SimpleNamespace(promise=promise, late=late, can_write=True)
    request = SimpleNamespace(get_full_path=lambda: PATH)
    return render_to_string("promises/_row_menu.html", {"row": row, "promise": promise, "request": request})
