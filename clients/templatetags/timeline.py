"""What the templates of a timeline need."""

from urllib.parse import quote

from django import template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.quick import cut, path_to
from accounts.templatetags.look import icon, moment
from clients.timeline import versions
from clients.timeline.marking import marked as mark

register = template.Library()


@register.filter
def marked(text, terms):
    """The text with the words somebody looked for between <mark>; escaped, its lines kept."""
    return mark(str(text), terms)


@register.simple_tag
def earlier_versions(entry):
    """How an entry read before, newest first."""
    return versions.earlier(entry)


@register.simple_tag
def drawn_entry(entry, terms, here, story_url):
    """One entry of a timeline as a list item: a page draws twenty, so without a template.

    `terms` are marked in it, `here` is the ref of the entry that was asked for, `story_url` the timeline's own page.
    """
    ref, e, link = entry.ref, conditional_escape, _("Link to this entry")
    is_here = ref == here
    classes = f"ev{' ev-system' if entry.system else ''}{' is-here' if is_here else ''}"
    tone = f" t-{e(entry.tone)}" if entry.tone else ""
    said = f"{f'<b>{e(entry.actor)}</b> ' if entry.actor else ''}{e(entry.words)}"
    if entry.thing:
        said += f" <b>{mark(str(entry.thing), terms)}</b>"
    if entry.url:
        said = f'<a class="ink-link" href="{e(entry.url)}">{said}</a>'
    acts = "".join(
        f' <a class="tl-act" href="{e(act.url)}">{icon(act.mark, "i-sm")}{e(act.words)}</a>' for act in entry.acts
    )
    when = f'href="{e(story_url)}?entry={e(quote(ref))}" title="{link}"'
    return SafeString(
        f'<li class="{classes}" id="e-{e(ref)}"><span class="ico{tone}">{icon(entry.mark)}</span>'
        f'<div><p class="tl-h">{said}{acts}</p>\n  {_body(entry, terms, is_open=bool(terms) or is_here)}\n  '
        f"{_quote(entry, terms)}\n  {_files(entry)}\n  {_tags(entry)}</div>"
        f'<a class="tl-when" {when}>{moment(entry.at)}</a></li>'
    )


def _body(entry, terms, *, is_open):
    if not entry.body:
        return ""
    whole = mark(str(entry.body), terms)
    if not entry.is_long:
        return f'<p class="tl-b">{whole}</p>'
    start, more = escape(cut(entry.body, 400)), _("more")
    return (
        f'<details class="tl-more"{" open" if is_open else ""}><summary><span class="tl-b tl-clamp">{start}</span> '
        f'<span class="linklike">{more}</span></summary><div class="tl-b tl-full">{whole}</div></details>'
    )


def _quote(entry, terms):
    return f'<p class="quote">{mark(str(entry.quote), terms)}</p>' if entry.quote else ""


def _files(entry):
    if not entry.files:
        return ""
    each = (
        f'<li><a href="{path_to("attachment", file.public_id)}">{icon("file-text", "i-sm")}{escape(file.name)}</a></li>'
        for file in entry.files
    )
    return f'<ul class="tl-files">{"".join(each)}</ul>'


def _tags(entry):
    return f'<p class="after mt-1">{"".join(map(_tag, entry.tags))}</p>' if entry.tags else ""


def _tag(tag):
    kind = f" tag-{conditional_escape(tag.kind)}" if tag.kind else ""
    words = f'<span class="tag{kind}">{icon(tag.mark) if tag.mark else ""}{conditional_escape(tag.words)}</span>\n'
    return f'<a href="{conditional_escape(tag.url)}">{words}</a> ' if tag.url else f"{words} "
