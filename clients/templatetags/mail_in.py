"""What pages say of mail that came in."""

from django import template

from clients.mail_in import asking

register = template.Library()


@register.simple_tag
def mail_question(entry):
    """What a mail of theirs asks, where no request was made of it yet."""
    return asking.question_in(entry)
