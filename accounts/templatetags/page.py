"""What pages are made of: addresses, parts that are kept, the menu, the summary of errors, undo, heads of columns.

A template builtin, so it imports no models.
"""

from functools import lru_cache
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as url_tag
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.quick import address
from accounts.stencils import OF_A_REQUEST, Stencil, request_of_none

register = template.Library()


class QuickURLNode(URLNode):
    """The usual `url`, without matching patterns anew for every row of a list."""

    def render(self, context):
        if len(self.args) != 1 or self.kwargs or self.asvar:
            return super().render(context)
        found = address(self.view_name.resolve(context), self.args[0].resolve(context))
        return super().render(context) if found is None else found


@register.tag("url")
def quick_url(parser, token):
    node = url_tag(parser, token)
    return QuickURLNode(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag(takes_context=True)
def kept(context, name, **known):
    """Like `include … with … only`, drawn once for these values and then kept, whoever looks.

    Beside them the part may ask for `csrf_token`, `request.get_full_path` and, given `here`, for the page it is on.
    """
    draw = _kept_part.__wrapped__ if settings.DEBUG else _kept_part
    part = draw(name, tuple(known.items()), get_language(), get_urlconf(), get_script_prefix())
    if not part.names:
        return SafeString(part.pieces[0])
    path = context["request"].get_full_path()
    values = {"token": str(context.get("csrf_token", "")), "path": escape(path), "quoted": quote(path, safe="")}
    return SafeString(part.fill(values))


@lru_cache(maxsize=1000)
def _kept_part(name, known, *_language_and_addresses):
    known = dict(known)
    asked = {"request": request_of_none(known.get("here", "")), "csrf_token": OF_A_REQUEST["token"]}
    return Stencil(render_to_string(name, {**known, **asked}), OF_A_REQUEST)


@register.inclusion_tag("components/_nav_item.html", takes_context=True)
def nav_item(context, name, mark, words, count="", count_class="", also=""):
    """One line of the main menu. `also` are the pages within it."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = getattr(match, "url_name", None)
    current = "page" if here == name else "true" if here and here in also.split() else ""
    return {
        "url": reverse(name),
        "mark": mark,
        "words": words,
        "count": count,
        "count_class": count_class,
        "current": current,
    }


@register.inclusion_tag("components/_error_summary.html")
def field_errors(form):
    """The summary at the top of a refused form: each message in the words it has at its field, as a link to it."""
    forms = form.forms if hasattr(form, "management_form") else [form]
    problems = [problem for one in forms for problem in _problems(one)]
    if hasattr(form, "management_form"):
        problems = [("", message) for message in form.non_form_errors()] + problems
    return {"problems": problems}


def _problems(form):
    for name, messages in getattr(form, "errors", {}).items():
        field = form[name] if name in form.fields else None
        for message in messages:
            if field is None or field.is_hidden:
                yield "", message
            else:
                asks = "" if str(field.label).endswith("?") else ":"
                yield field.id_for_label or f"{field.auto_id}_0", f"{field.label}{asks} {message}"


@register.filter
def undo_url(message):
    """Where a message's Undo posts to, an address of ours: `messages.success(…, extra_tags="undo:/path/")`."""
    return _tagged(message, "undo")


@register.filter
def see_url(message):
    """Where the thing is that a message speaks of: `extra_tags="undo:/path/ see:/path/"`."""
    return _tagged(message, "see")


def _tagged(message, name):
    for tag in (message.extra_tags or "").split():
        if tag.startswith(f"{name}:/") and not tag.startswith(f"{name}://"):
            return tag.removeprefix(f"{name}:")
    return ""


@register.simple_tag(takes_context=True)
def sort_link(context, key):
    """For a column's head: the `url` that sorts by `key`, or turns the order round, and the `aria` state."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{key}" if now == key else key
    for place in ("page", "after", "before"):
        query.pop(place, None)
    state = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {"url": f"?{query.urlencode()}", "aria": state}
