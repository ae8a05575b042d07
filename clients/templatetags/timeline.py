"""What the templates of a timeline need."""

from django import template

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
