"""The words of the mails a round sends, as blocks that are said twice: as text and as HTML."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, heading, link, paragraph, quiet, quote, rows, signature
from outbox.frame import row as line
from outbox.frame import text as plain
from outbox.kinds import Message

MINUTES = 5


def invitation(asked, *, href, stop_href, firm=None):
    """The first mail: a named person asks, says who reads it, how long it takes, and until when."""
    firm = firm or Workspace.current()
    owner, round = asked.client.owner, asked.round
    count = len(round.asked)
    subject = _("How are we doing for %(client)s?") % {"client": asked.client.name}
    blocks = [
        paragraph(f"{asked.contact.first_name},"),
        paragraph(
            _(
                "Once a year we ask the people we work for how we are really doing. %(count)d questions, about"
                " %(minutes)d minutes, on your phone if you like. Blunt is welcome."
            )
            % {"count": count, "minutes": MINUTES}
        ),
        paragraph(
            _(
                "I read your answers myself, with your name on them, and so do the people here who work for you."
                " If you would rather answer in confidence, tick that on the page: then only our managers read them."
            )
        ),
        button(_("Tell us how we’re doing"), href),
    ]
    if until := _until(round):
        blocks.append(paragraph(_("It is open until %(day)s.") % {"day": until}))
    blocks.append(_signed(owner, firm))
    preview = _("%(count)d questions, about %(minutes)d minutes.") % {"count": count, "minutes": MINUTES}
    return _message(subject, preview, blocks, asked=asked, firm=firm, stop_href=stop_href)


def reminder(email, asked, *, step, answered, href):
    """Three lines at most. Who is half way is told so; the last one says it is the last."""
    firm = Workspace.current()
    round, count = asked.round, len(asked.round.asked)
    subject = _("Re: How are we doing for %(client)s?") % {"client": asked.client.name}
    last = step >= len(round.reminder_days)
    if answered:
        words = ngettext(
            "You have answered %(n)d of %(count)d questions; they are saved. The rest takes a minute or two.",
            "You have answered %(n)d of %(count)d questions; they are saved. The rest takes a minute or two.",
            answered,
        ) % {"n": answered, "count": count}
    elif last:
        words = _("This is the last time I ask. It is fine to say no; and if you would rather talk, reply with a time.")
    else:
        words = _(
            "Your view is one we have not heard yet, and it would help us: %(count)d questions, five minutes."
        ) % {"count": count}
    blocks = [paragraph(f"{asked.contact.first_name},"), paragraph(words), button(_("Tell us how we’re doing"), href)]
    if until := _until(round):
        blocks.append(paragraph(_("It is open until %(day)s.") % {"day": until}))
    blocks.append(_signed(asked.client.owner, firm))
    return _message(subject, words, blocks, asked=asked, firm=firm, stop_href=unsubscribe_link(email))


def fresh_link(email, asked, *, href):
    firm = Workspace.current()
    words = _("Here is a fresh link to your questions. What you had answered is still there.")
    blocks = [
        paragraph(f"{asked.contact.first_name},"),
        paragraph(words),
        button(_("Go to my questions"), href),
        quiet(
            _("You did not ask for this? Then somebody typed your address by mistake, and you can forget this mail.")
        ),
        _signed(asked.client.owner, firm),
    ]
    return _message(_("Your link to our questions"), words, blocks, asked=asked, firm=firm)


def thanks(email, response, *, href):
    """Thanks, what happens next, and a copy of what they said."""
    asked = response.invitation
    firm, owner = Workspace.current(), asked.client.owner
    first = (
        _("%(owner)s will call you.") % {"owner": owner.name}
        if response.wants_call
        else _("Everything you wrote has arrived and will be read this week.")
    )
    blocks = [
        paragraph(_("Thank you, %(name)s.") % {"name": asked.contact.first_name}),
        paragraph(first),
        rows(_("What you said"), [line(text, who=said) for text, said in what_was_said(response)]),
        button(_("Change my answers"), href),
    ]
    if until := _until(asked.round):
        blocks.append(quiet(_("You can change them until %(day)s.") % {"day": until}))
    blocks.append(_signed(owner, firm))
    subject = _("Thank you, %(name)s") % {"name": asked.contact.first_name}
    return _message(subject, first, blocks, asked=asked, firm=firm)


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
    subject = _("Mail to %(name)s does not arrive") % {"name": asked.contact.name}
    words = _(
        "Our survey did not reach %(name)s of %(client)s (%(email)s). Please correct the address or ask for it."
    ) % {
        "name": asked.contact.name,
        "client": asked.client.name,
        "email": asked.contact.email or "–",
    }
    blocks = [paragraph(words), button(_("Open the client"), links.absolute(asked.client.get_absolute_url()))]
    return Message(subject, plain(*blocks), str(frame(subject, words, *blocks)))


def what_was_said(response):
    """Pairs of a question and the answer in words, in the order asked."""
    answers = {answer.key: answer for answer in response.answers.all() if answer.is_given}
    asked = [q for q in response.invitation.round.asked if q.key in answers]
    return [(question.text, in_words(question, answers[question.key])) for question in asked]


def in_words(question, answer):
    if answer.cant_say:
        said = _("can’t say")
    elif question.kind == "scale":
        said = str(answer.number)
    elif question.kind == "text":
        return answer.words
    elif question.kind in ("call", "yes_no"):
        said = _("yes") if answer.choices == ["yes"] else _("no")
        return ", ".join(part for part in (said, answer.words, answer.comment) if part)
    else:
        said = ", ".join(question.options.get(choice, choice) for choice in answer.choices)
    return f"{said}: {answer.comment}" if answer.comment else said


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


def _until(round):
    return date_format(round.closes_on, "l j F") if round.closes_on else ""


def _signed(owner, firm):
    phone = owner.phone or firm.phone
    return signature(owner.name, f"{firm.firm_name}, {phone}" if phone else firm.firm_name)


def _message(subject, preview, blocks, *, asked, firm, stop_href=""):
    why = _("You get this because you are a contact of %(firm)s at %(client)s.") % {
        "firm": firm.firm_name,
        "client": asked.client.name,
    }
    kept = _("Your answers are kept by us, on our own machines, and given to nobody else.")
    foot, foot_text = format_html("{} {}", why, kept), f"{why} {kept}"
    if stop_href:
        stop = _("Don’t ask me again")
        foot = format_html("{} {}.", foot, link(stop, stop_href))
        foot_text = f"{foot_text}\n{stop}: {stop_href}"
    return Message(subject, plain(*blocks, foot=foot_text), str(frame(subject, preview, *blocks, foot=foot)))


def answer_link(email):
    return links.absolute(reverse("survey_answer", args=[links.token(email)]))
