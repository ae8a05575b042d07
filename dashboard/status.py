"""Which part of the installation is broken: asked directly where it can be asked, else read from its heartbeat."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from dashboard import broker
from outbox import inbound
from outbox.models import Email, Heartbeat, Inbox

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=45)  # worker and beat write every ten seconds or so
UNPLANNED = timedelta(seconds=150)
UNREAD = timedelta(minutes=5)  # the mailbox is looked into every minute
WAITING = timedelta(minutes=5)  # due mail that nobody has picked up


@dataclass(frozen=True)
class Part:
    """One part; `state` is ok, broken or unknown, `words` says what that means and what to do."""

    name: str
    label: str
    state: str
    words: str

    @property
    def ok(self):
        return self.state == "ok"


def parts(now):
    """Every part, in the order in which one leans on the other."""
    found = [Part("web", _("Web server"), "ok", _("Answers: you are reading this."))]
    database = _database()
    found.append(database)
    broker_part = _broker()
    found.append(broker_part)
    if not database.ok:
        return found
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    worker = _worker(beats, now, broker=broker_part)
    found += [worker, _beat(beats, now, broker=broker_part), _planning(beats, now), _mail(now)]
    return [*found, *_inboxes(now)]


def _database():
    label = _("Database")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("The database does not answer")
        return Part("database", label, "broken", _("Does not answer. Pages cannot be shown until it does."))
    return Part("database", label, "ok", _("Answers."))


def _broker():
    label = _("Broker")
    if not broker.url_answers(settings.REDIS_URL):
        words = _("Does not answer. Nothing is lost: pages work, and due mail goes out when it is back.")
        return Part("broker", label, "broken", words)
    return Part("broker", label, "ok", _("Answers."))


def _worker(beats, now, *, broker):
    return _living(
        "worker",
        _("Worker"),
        beats.get("worker"),
        now,
        broker=broker,
        broken=_("No sign of life. Reminders and mail wait until it is started again."),
    )


def _beat(beats, now, *, broker):
    return _living(
        "beat",
        _("Beat"),
        beats.get("beat"),
        now,
        broker=broker,
        broken=_("No sign of life. The web server plans in its place while somebody uses it; start beat again."),
    )


def _living(name, label, at, now, *, broker, broken):
    if at and now - at <= SILENT:
        return Part(name, label, "ok", _("Alive."))
    if not broker.ok:
        return Part(name, label, "unknown", _("Cannot be told while the broker does not answer."))
    return Part(name, label, "broken", broken)


def _planning(beats, now):
    label, at = _("Planning"), beats.get("tick")
    if at and now - at <= UNPLANNED:
        return Part("planning", label, "ok", _("Reminders and flags are worked out every minute."))
    words = _("Nothing was worked out for a while. If worker and beat are alive, the log of the worker says why.")
    return Part("planning", label, "broken", words)


def _mail(now):
    label = _("Outgoing mail")
    waiting = Email.objects.due(now - WAITING).count()
    if not waiting:
        return Part("mail", label, "ok", _("Nothing waits longer than it should."))
    words = _("%(count)s mails have been due for more than five minutes and nobody has taken them.")
    return Part("mail", label, "broken", words % {"count": waiting})


def _inboxes(now):
    """The mailbox mail comes back to, and the one of personal addresses; those the installation has."""
    returned = _inbox(now, "inbox", "MAIL_INBOX", _("Returned mail"))
    own = _inbox(now, "mail_in", "MAIL_IN_INBOX", _("E-mail in"))
    return [part for part in (returned, own) if part]


def _inbox(now, name, setting, label):
    try:
        address = inbound.configured(setting)
    except ValueError as problem:
        return Part(name, label, "broken", str(problem))
    if address is None:
        return None
    inbox = Inbox.objects.filter(pk=address.name).first()
    if inbox and inbox.trouble:
        words = (
            _("The mailbox cannot be read. %(trouble)s Until it can, nobody hears of mail that comes back.")
            if setting == "MAIL_INBOX"
            else _("The mailbox cannot be read. %(trouble)s Until it can, mail people send in waits there.")
        )
        return Part(name, label, "broken", words % {"trouble": _sentence(inbox.trouble)})
    if inbox is None or inbox.read_at is None:
        return Part(name, label, "unknown", _("The mailbox has not been read yet; the worker does it every minute."))
    if now - inbox.read_at > UNREAD:
        return Part(name, label, "broken", _("Nobody has looked into the mailbox for a while. Is the worker alive?"))
    return Part(name, label, "ok", _("The mailbox is read every minute."))


def _sentence(words):
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
