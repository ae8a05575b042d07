"""Mail about signing in. Rows of the outbox like all mail; the links are made when they go out."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import sign_in_links
from accounts.models import SignInMail, Workspace
from outbox import frame
from outbox.kinds import STAFF, Kind, Message, register
from outbox.models import Email

SIGN_IN = "accounts.sign_in"


def register_kinds():
    register(Kind(name=SIGN_IN, audience=STAFF, render=render, still_wanted=still_wanted, can_wait=False))


def queue_reset(user, *, now):
    """Write the mail with which somebody chooses a new password; asking again within a minute changes nothing."""
    return _queue(
        user,
        reason=SignInMail.Reason.RESET,
        now=now,
        expires_at=now + sign_in_links.RESET_LASTS,
        subject=_("Choose a new password"),
        about=_("asked for a new password"),
    )


def queue_invitation(user, *, by, now):
    with translation.override(user.language):
        subject = _("%(name)s invites you to Partnership CRM") % {"name": by.name}
    return _queue(
        user,
        reason=SignInMail.Reason.INVITED,
        now=now,
        expires_at=now + sign_in_links.INVITATION_LASTS,
        subject=subject,
        about=_("invitation of a colleague"),
        invited_by=by.name,
    )


def _queue(user, *, reason, now, expires_at, subject, about, invited_by=""):
    email, created = Email.objects.queue(
        kind=SIGN_IN,
        key=f"sign-in:{reason}:{user.pk}:{now:%Y%m%d%H%M}",
        to=user.email,
        to_name=user.name,
        subject=subject,
        about=about,
        expires_at=expires_at,
    )
    if created:
        SignInMail.objects.create(email=email, user=user, reason=reason, invited_by=invited_by)
    return email


def still_wanted(email, now):
    mail = SignInMail.objects.select_related("user").filter(email=email).first()
    if mail is None:
        return _("The person it was for is gone.")
    if not mail.user.is_active:
        return _("%(name)s was deactivated.") % {"name": mail.user.name}
    if mail.user.email.lower() != email.to_email.lower():
        # A link to sign in goes to the person's own address or nowhere.
        return _("The address of %(name)s is another one now.") % {"name": mail.user.name}
    if mail.reason == SignInMail.Reason.INVITED and mail.user.has_usable_password():
        return _("%(name)s has chosen a password already.") % {"name": mail.user.name}
    return ""


def render(email):
    mail = SignInMail.objects.select_related("user").get(email=email)
    with translation.override(mail.user.language):
        return _invitation(mail, email) if mail.reason == SignInMail.Reason.INVITED else _reset(mail, email)


def _invitation(mail, email):
    lines = [
        _("Hello %(name)s,") % {"name": mail.user.first_name},
        _("%(inviter)s has added you to the Partnership CRM of %(firm)s: our clients, what we promised, what we kept.")
        % {"inviter": mail.invited_by, "firm": Workspace.current().firm_name},
        _("Choose a password and you are in. The link works once, for seven days."),
    ]
    return _message(email, lines, _("Choose your password"), mail.user)


def _reset(mail, email):
    lines = [
        _("Hello %(name)s,") % {"name": mail.user.first_name},
        _("somebody, most likely you, asked for a new password for this address. The link works once, for a day."),
        _("If it was not you, do nothing: your password stays as it is."),
    ]
    return _message(email, lines, _("Choose a new password"), mail.user)


def _message(email, lines, words, user):
    blocks = [*map(frame.paragraph, lines), frame.button(words, sign_in_links.link(user))]
    html = frame.frame(email.subject, lines[1], *blocks, language=user.language)
    return Message(subject=email.subject, text=frame.text(*blocks), html=html)


def trouble(request):
    """How many mails a person has to look at, for the navigation of managers."""
    return Email.objects.in_trouble().count() if request.user.is_manager else 0
