"""The kinds of mail a round sends: how each is written at sending, and whether it still makes sense by then."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from outbox import links
from outbox.kinds import CLIENT, STAFF, Kind, register
from outbox.models import Email
from surveys import came_back, letters, staff_letters
from surveys.models import Belief, Invitation, Response, Round, RoundMail
from surveys.sending import why_not
from surveys.stopping import stop_asking

WITH_ALL = ("invitation__round__questionnaire", "invitation__contact", "invitation__client__owner")


def register_kinds():
    """Called when the app starts."""
    asks = {
        "audience": CLIENT,
        "still_wanted": still_asked,
        "unsubscribe": stop,
        "on_trouble": tell_owner,
        "on_bounce": came_back.mail_failed,
        "on_correction": came_back.corrected,
        "language": language_of,
    }
    register(Kind(name="surveys.invitation", render=render_invitation, **asks))
    register(Kind(name="surveys.reminder", render=render_reminder, **asks))
    # By hand, once more: a person decided it, so the contact cap does not count it.
    register(Kind(name="surveys.again", render=render_invitation, can_wait=False, automatic=False, **asks))
    register(
        Kind(
            name="surveys.fresh_link",
            audience=CLIENT,
            render=render_fresh_link,
            still_wanted=round_still_open,
            unsubscribe=stop,
            can_wait=False,
            automatic=False,
            language=language_of,
        )
    )
    thanks = {"audience": CLIENT, "unsubscribe": stop, "language": language_of}
    register(Kind(name="surveys.thanks", render=render_thanks, automatic=False, **thanks))
    register(Kind(name="surveys.new_answer", audience=STAFF, render=render_new_answer, still_wanted=user_active))
    register(Kind(name="surveys.undeliverable", audience=STAFF, render=render_undeliverable, still_wanted=user_active))
    register(Kind(name="surveys.test", audience=STAFF, render=render_test, can_wait=False))


# -------------------------------------------------------------------- is it still wanted?


def still_asked(email, now):
    """Answered, stopped, closed, left, archived: nobody is asked then, however late this is noticed."""
    invitation = _message(email).invitation
    if refused := why_not(invitation):
        return refused[1]
    if invitation.state == Invitation.State.SUBMITTED:
        return _("Has answered in the meantime.")
    if invitation.state == Invitation.State.DECLINED:
        return _("Asked us to stop.")
    if invitation.contact.email != email.to_email:
        return _("Has another e-mail address now.")
    if not invitation.client.owner.is_active:
        return _("The owner of the client is not here any more.")
    return round_still_open(email, now)


def round_still_open(email, now):
    return "" if _message(email).invitation.round.state == Round.State.OPEN else _("The round is closed.")


def user_active(email, now):
    return "" if email.round_mail.user.is_active else _("This person is not here any more.")


# -------------------------------------------------------------------- how it is written


def render_invitation(email):
    return letters.invitation(
        _message(email).invitation,
        href=letters.answer_link(email),
        stop_href=links.absolute(reverse("unsubscribe", args=[links.token(email)])),
    )


def render_reminder(email):
    message = _message(email)
    response = Response.objects.filter(invitation=message.invitation).prefetch_related("answers").first()
    answered = sum(answer.is_given for answer in response.answers.all()) if response else 0
    return letters.reminder(
        email, message.invitation, step=message.step, answered=answered, href=letters.answer_link(email)
    )


def render_fresh_link(email):
    return letters.fresh_link(email, _message(email).invitation, href=letters.answer_link(email))


def render_thanks(email):
    response = _response(_message(email).invitation)
    return letters.thanks(email, response, href=letters.answer_link(email))


def render_new_answer(email):
    mail = email.round_mail
    response = _response(mail.invitation)
    belief = Belief.objects.filter(
        round=mail.round, client=mail.invitation.client_id, user=mail.user, recorded_at__isnull=False
    ).first()
    return staff_letters.new_answer(email, response, belief)


def render_undeliverable(email):
    invitation = RoundMail.objects.select_related(*WITH_ALL).get(email=email).invitation
    return staff_letters.undeliverable(email, invitation)


def render_test(email):
    """As it will look to the person it was asked for, but every link leads to the preview."""
    mail = RoundMail.objects.select_related(*WITH_ALL).get(email=email)
    asked = mail.invitation
    asked.contact.language = mail.language or asked.contact.language
    preview = links.absolute(reverse("survey_preview", args=[mail.round.public_id]))
    preview = f"{preview}?person={asked.public_id}&lang={asked.contact.language}"
    message = letters.invitation(asked, href=preview, stop_href=preview)
    return type(message)(_("Test: %(subject)s") % {"subject": message.subject}, message.text, message.html)


# -------------------------------------------------------------------- what their readers and servers say


def language_of(email):
    return _message(email).invitation.contact.language


def stop(email, now):
    stop_asking(_message(email).invitation.contact, now=now)


def tell_owner(email):
    """The server refused this mail for good: the invitation says so, and the client's owner hears of it."""
    came_back.mail_failed(email, timezone.now())


def to_staff(kind, invitation, user, *, subject):
    """Writes one mail to one of us about one invitation, once."""
    email, created = Email.objects.queue(
        kind=kind,
        key=f"{kind}:{invitation.pk}",
        to=user.email,
        to_name=user.name,
        subject=subject,
        about=f"{invitation.round.name}, {invitation.client.name}",
    )
    if created:
        RoundMail.objects.create(round=invitation.round, email=email, invitation=invitation, user=user)
    return email


def _message(email):
    from surveys.models import InvitationMessage

    return InvitationMessage.objects.select_related(*WITH_ALL).get(email=email)


def _response(invitation):
    return Response.objects.select_related(*WITH_ALL).prefetch_related("answers").get(invitation=invitation)
