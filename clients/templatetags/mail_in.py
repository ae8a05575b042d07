"""What pages say of mail that came in."""

from django import template

from clients.mail_in import asking
from clients.mail_in.matching import hidden_addresses

register = template.Library()


@register.simple_tag
def mail_question(entry):
    """What a mail of theirs asks, where no request was made of it yet."""
    return asking.question_in(entry)


@register.simple_tag
def mail_readers(mail, user):
    """To whom a mail went, [(name, address)], without the people of clients this reader may not see."""
    others = [(name, address) for name, address in mail.others]
    hidden = hidden_addresses([address for _name, address in others], user=user) if others else set()
    return [(name, address) for name, address in others if address.lower() not in hidden]
