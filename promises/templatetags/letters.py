"""The letters of a promise, for its page."""

from django import template

from promises import letter_list

register = template.Library()


@register.simple_tag
def letters_about(promise, now):
    """{"sent": letters with what became of them, "ways": the ones to write, "next": the one nobody wrote yet}."""
    return letter_list.about(promise, now=now)
