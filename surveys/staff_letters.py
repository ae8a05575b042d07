"""The words of the mails a round sends to us: who answered, and whose mail does not arrive."""

from django.utils.translation import gettext as _

from outbox import links
from outbox.frame import button, frame, heading, paragraph, quote
from outbox.frame import text as plain
from outbox.kinds import Message


def new_answer(email, response, belief):
    """To the owner: the score, the belief beside it, their words; nothing of it when given in confidence."""
    asked = response.invitation
    page = links.absolute(asked.client.get_absolute_url())
    call = ""
    if response.wants_call:
        call = _("%(name)s asks for a call: %(phone)s") % {
            "name": asked.contact.name,
            "phone": ", ".join(part for part in (response.call_phone, response.call_when) if part) or "–",
        }
    subject = (_("%(client)s answered and asks for a call") if response.wants_call else _("%(client)s answered")) % {
        "client": asked.client.name
    }
    who = "" if response.in_confidence else asked.contact.name
    blocks = [heading(subject, ", ".join(part for part in (who, asked.round.name) if part))]
    if call:
        blocks.append(paragraph(call))
    if response.in_confidence:
        blocks.append(paragraph(_("It was given in confidence: the single answers are read by managers only.")))
    else:
        blocks += _score(response, belief) + [quote(words) for words in _their_words(response)]
    blocks.append(button(_("Open the client"), page))
    return Message(subject, plain(*blocks), str(frame(subject, call or asked.round.name, *blocks)))


def undeliverable(email, asked):
    subject = _("Mail to %(name)s comes back") % {"name": asked.contact.name}
    words = _(
        "Our survey did not reach %(name)s of %(client)s (%(email)s). Please correct the address or ask for it."
    ) % {
        "name": asked.contact.name,
        "client": asked.client.name,
        "email": asked.contact.email or "–",
    }
    why = [paragraph(asked.hold_reason)] if asked.hold_reason else []
    then = _("Once it is right, you can send the invitation again from the client’s page.")
    href = links.absolute(asked.client.get_absolute_url())
    blocks = [paragraph(words), *why, paragraph(then), button(_("Open the client"), href)]
    return Message(subject, plain(*blocks), str(frame(subject, words, *blocks)))


def _score(response, belief):
    answer = next((a for a in response.answers.all() if a.key == "overall" and a.number is not None), None)
    if answer is None:
        return []
    believed = belief.values.get("overall") if belief else None
    words = _("All in all: %(score)d out of 10.") % {"score": answer.number}
    if believed is not None:
        words += " " + _("You believed %(score)d.") % {"score": believed}
    return [paragraph(words)]


def _their_words(response):
    return [a.words for a in response.answers.all() if a.key in ("better", "not_done") and a.words]
