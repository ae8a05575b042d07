"""The words of the mails a round sends to clients, as blocks that are said twice: as text and as HTML.

Each is written in its reader's language and by their clock, subject included, when it is queued and again when it goes
out. What goes to us stands in staff_letters.py.
"""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.days import full_day
from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, link, paragraph, quiet, rows, signature
from outbox.frame import row as line
from outbox.frame import text as plain
from outbox.kinds import Message
from surveys.days import firm_calendar, zone_of
from surveys.minutes import asked_of, minutes_of
from surveys.you_said import lines_for

SUBJECT = 50  # characters, as many as a phone shows


def in_language_of(contact, language=""):
    """While this lasts, words and times are their reader's."""
    return _Reader(contact, language or contact.language)


class _Reader:
    def __init__(self, contact, language):
        self.language, self.zone = translation.override(language), timezone.override(zone_of(contact.zone_name))

    def __enter__(self):
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *raised):
        self.zone.__exit__(*raised)
        self.language.__exit__(*raised)


# -------------------------------------------------------------------- subjects


def subject_of_invitation(asked):
    with in_language_of(asked.contact):
        subject = _("How are we doing for %(client)s?") % {"client": asked.client.name}
        return subject if len(subject) <= SUBJECT else _("How are we doing for you?")


def subject_of_reminder(asked):
    """The same as the invitation's, so that mail programs keep them together."""
    return f"Re: {subject_of_invitation(asked)}"


def subject_of_fresh_link(asked):
    with in_language_of(asked.contact):
        return _("Your link to our questions")


def subject_of_thanks(asked, language=""):
    with in_language_of(asked.contact, language):
        return _("Thank you, %(name)s") % {"name": asked.contact.first_name}


# -------------------------------------------------------------------- the letters


def invitation(asked, *, href, stop_href, firm=None):
    """A named person asks: why, how long it takes, who reads it, what changed since last time, until when."""
    firm = firm or Workspace.current()
    subject = subject_of_invitation(asked)
    with in_language_of(asked.contact):
        blocks = [
            _greeting(asked),
            paragraph(_("Once a year we ask the people we work for how we really do, and then change what is wrong.")),
            paragraph(_("%(how_long)s, on your phone if you like. Blunt is welcome.") % {"how_long": _how_long(asked)}),
            paragraph(
                _(
                    "I read your answers myself, with your name on them, and so do the people here who work for you"
                    " and our managers. If you would rather answer in confidence, choose that on the page: then only"
                    " our managers read them."
                )
            ),
            *_what_changed(asked),
            button(_("Tell us how we’re doing"), href),
            *_open_until(asked.round),
            _signed(asked, firm),
        ]
        return _message(subject, f"{_how_long(asked)}.", blocks, asked=asked, firm=firm, stop_href=stop_href)


def reminder(email, asked, *, step, answered, href):
    """Three lines at most. Who is half way is told so; the last one says that it is the last."""
    firm = Workspace.current()
    with in_language_of(asked.contact):
        words = _half_way(asked, answered) if answered else _not_heard_yet(asked)
        blocks = [_greeting(asked), paragraph(words)]
        if step >= len(asked.round.reminder_days):
            no = _("This is the last time I ask, and it is fine to say no. Would you rather talk? Reply with a time.")
            blocks.append(paragraph(no))
        blocks += [button(_("Tell us how we’re doing"), href), *_open_until(asked.round), _signed(asked, firm)]
        subject = subject_of_reminder(asked)
        return _message(subject, words, blocks, asked=asked, firm=firm, stop_href=unsubscribe_link(email))


def _half_way(asked, answered):
    return ngettext(
        "You have answered %(n)d of %(count)d questions, and it is saved. The rest takes a minute or two.",
        "You have answered %(n)d of %(count)d questions; they are saved. The rest takes a minute or two.",
        answered,
    ) % {"n": answered, "count": len(_questions(asked))}


def _not_heard_yet(asked):
    return _("Yours is a view we have not heard yet, and it would help us: %(how_long)s.") % {
        "how_long": _how_long(asked)
    }


def fresh_link(email, asked, *, href):
    firm = Workspace.current()
    with in_language_of(asked.contact):
        words = _("Here is a fresh link to your questions. What you had answered is still there.")
        not_you = _(
            "You did not ask for this? Then somebody typed your address by mistake, and you can forget this mail."
        )
        blocks = [
            _greeting(asked),
            paragraph(words),
            button(_("Go to my questions"), href),
            quiet(not_you),
            _signed(asked, firm),
        ]
        subject = subject_of_fresh_link(asked)
        return _message(subject, words, blocks, asked=asked, firm=firm, stop_href=unsubscribe_link(email))


def thanks(email, response, *, href):
    """Thanks, what happens next, and a copy of what they said, in the language they said it in."""
    asked, firm = response.invitation, Workspace.current()
    with in_language_of(asked.contact, response.language):
        first = _what_happens(response, firm)
        said = [line(text, who=said) for text, said in what_was_said(response)]
        blocks = [
            paragraph(_("Thank you, %(name)s.") % {"name": asked.contact.first_name}),
            paragraph(first),
            *_what_follows(asked.round),
            rows(_("What you said"), said),
            button(_("Change my answers"), href),
            _signed(asked, firm),
        ]
        subject = subject_of_thanks(asked, response.language)
        return _message(subject, first, blocks, asked=asked, firm=firm, stop_href=unsubscribe_link(email))


def _what_happens(response, firm):
    if response.wants_call:
        calendar = firm_calendar(firm)
        day = calendar.working_day_after(calendar.local_date(response.submitted_at), firm.case_call_days)
        return _("%(owner)s will call you by %(day)s.") % {
            "owner": response.invitation.client.owner.name,
            "day": full_day(day),
        }
    if response.in_confidence:
        return _("Everything you wrote has arrived, and only our managers read it.")
    return _("Everything you wrote has arrived and will be read this week.")


def _what_follows(round):
    if not round.closes_on:
        return []
    day = {"day": full_day(round.closes_on)}
    return [
        paragraph(_("The survey closes on %(day)s; until then you can change your answers.") % day),
        paragraph(_("After that you hear from us what changes.")),
    ]


# -------------------------------------------------------------------- what they said


def what_was_said(response):
    """Pairs of a question and the answer in words, in the order asked."""
    answers = {answer.key: answer for answer in response.answers.all() if answer.is_given}
    questions = response.invitation.round.asked_in(response.language)
    return [(q.text, in_words(q, answers[q.key])) for q in questions if q.key in answers]


def in_words(question, answer):
    if answer.cant_say:
        said = pgettext("client", "can’t say")
    elif question.kind == "scale":
        said = str(answer.number)
    elif question.kind == "text":
        return answer.words
    elif question.kind in ("call", "yes_no"):
        said = pgettext("client", "yes") if answer.choices == ["yes"] else pgettext("client", "no")
        return ", ".join(part for part in (said, answer.words, answer.comment) if part)
    else:
        said = ", ".join(question.options.get(choice, choice) for choice in answer.choices)
        said = ", ".join(part for part in (said, answer.words) if part)
    return f"{said}: {answer.comment}" if answer.comment else said


# -------------------------------------------------------------------- the pieces


def _greeting(asked):
    return paragraph(pgettext("client", "%(name)s,") % {"name": asked.contact.first_name})


def _questions(asked):
    return asked_of(asked.round.asked_in(asked.contact.language))


def _how_long(asked):
    questions = _questions(asked)
    minutes = minutes_of(questions)
    return pgettext("client", "%(questions)s, %(minutes)s") % {
        "questions": ngettext("%(n)d question", "%(n)d questions", len(questions)) % {"n": len(questions)},
        "minutes": ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {"n": minutes},
    }


def _what_changed(asked):
    """“You said, we did”, as the client's owner chose it for this round; nothing when nothing was chosen."""
    lines = lines_for(asked.round, asked.client)
    if not lines:
        return []
    said = pgettext("client", "You said: “%(words)s”")
    told = [line(one.we_did, who=said % {"words": one.you_said} if one.you_said else "") for one in lines]
    return [rows(_("What changed since you last answered"), told)]


def _open_until(round):
    if not round.closes_on:
        return []
    return [paragraph(_("It is open until %(day)s.") % {"day": full_day(round.closes_on)})]


def _signed(asked, firm):
    owner = asked.client.owner
    phone = owner.phone or firm.phone
    return signature(owner.name, f"{firm.firm_name}, {phone}" if phone else firm.firm_name)


def _message(subject, preview, blocks, *, asked, firm, stop_href):
    why = _("You get this because you are a contact of %(firm)s at %(client)s.") % {
        "firm": firm.firm_name,
        "client": asked.client.name,
    }
    kept = _("Your answers are kept by us, on our own machines, and given to nobody else.")
    stop = _("Don’t ask me again")
    foot = format_html("{} {} {}.", why, kept, link(stop, stop_href))
    return Message(
        subject,
        plain(*blocks, foot=f"{why} {kept}\n{stop}: {stop_href}"),
        str(frame(subject, preview, *blocks, foot=foot)),
    )


def answer_link(email):
    return links.absolute(reverse("survey_answer", args=[links.token(email)]))
