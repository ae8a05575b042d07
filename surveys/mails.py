"""The kinds of mail a round sends: how each is written at sending, and whether it still makes sense by then."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from outbox import links
from outbox.kinds import CLIENT, STAFF, Kind, register
from outbox.models import Email
from surveys import letters, staff_letters
from surveys.models import Belief, Invitation, Response, Result, Round, RoundMail
from surveys.sending import why_not
from surveys.stopping import stop_asking

WITH_ALL = ("invitation__round__questionnaire", "invitation__contact", "invitation__client__owner")


def register_kinds():
    """Called when the app starts."""
    asks = {"audience": CLIENT, "still_wanted": still_asked, "unsubscribe": stop, "on_trouble": tell_owner}
    register(Kind(name="surveys.invitation", render=render_invitation, **asks))
    register(Kind(name="surveys.reminder", render=render_reminder, **asks))
    register(
        Kind(
            name="surveys.fresh_link",
            audience=CLIENT,
            render=render_fresh_link,
            still_wanted=round_still_open,
            unsubscribe=stop,
            can_wait=False,
            automatic=False,
        )
    )
    register(Kind(name="surveys.thanks", audience=CLIENT, render=render_thanks, unsubscribe=stop, automatic=False))
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
    """As it will look to the first person on the list, but every link leads to the preview."""
    mail = RoundMail.objects.select_related(*WITH_ALL).get(email=email)
    preview = links.absolute(reverse("survey_preview", args=[mail.round.public_id]))
    message = letters.invitation(mail.invitation, href=preview, stop_href=preview)
    return type(message)(_("Test: %(subject)s") % {"subject": message.subject}, message.text, message.html)


# -------------------------------------------------------------------- what their readers and servers say


def stop(email, now):
    stop_asking(_message(email).invitation.contact, now=now)


@transaction.atomic
def tell_owner(email):
    """The server refused this mail for good, or nobody knows what became of it: the client's owner hears of it."""
    invitation = _message(email).invitation
    if email.state in (Email.State.FAILED, Email.State.BOUNCED):
        Invitation.objects.filter(pk=invitation.pk, state__in=[Invitation.State.PENDING, Invitation.State.SENT]).update(
            state=Invitation.State.UNDELIVERABLE, hold_reason=_("The mail could not be delivered.")
        )
        Result.objects.mark_stale(round_id=invitation.round_id, client_ids=[invitation.client_id])
        to_staff("surveys.undeliverable", invitation, invitation.client.owner, subject=_("A mail does not arrive"))


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
