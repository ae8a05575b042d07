"""Every e-mail as a row: written once in its cause's transaction, delivered by whoever drains the outbox."""

import uuid as uuids
from datetime import timedelta
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outbox import kinds, links
from outbox.nudge import poke
from outbox.words import one_line


class NotInThatState(Exception):
    """Somebody or something changed this mail in the meantime."""


class NotThere(Exception):
    """It cannot go to that address; the message says why, for people."""


LATE_FOR = timedelta(days=5)


class EmailQuerySet(models.QuerySet):
    def queue(
        self,
        *,
        kind,
        key,
        to,
        subject,
        to_name="",
        from_name="",
        reply_to="",
        about="",
        not_before=None,
        expires_at=None,
        thread=None,
    ):
        """Write a mail, once per key. Returns (the mail, whether it is new). Call it in the cause's transaction.

        `thread` is an earlier mail this one answers: it takes over its References.
        """
        row = _row(
            kind=kind,
            key=key,
            to=to,
            subject=subject,
            to_name=to_name,
            from_name=from_name,
            reply_to=reply_to,
            about=about,
            not_before=not_before,
            expires_at=expires_at,
            thread=thread,
        )
        email, created = self.get_or_create(key=row.pop("key"), defaults=row)
        if created and not not_before:
            transaction.on_commit(poke, robust=True)
        return email, created

    def queue_many(self, mails):
        """Write many mails in a few queries, each a dict of what `queue` takes. Returns them in that order, ids only.

        Call it in the cause's transaction.
        """
        rows = [self.model(**_row(**mail)) for mail in mails]
        if rows:
            transaction.on_commit(poke, robust=True)
        try:
            with transaction.atomic(using=self.db):
                return self.bulk_create(rows, batch_size=1000)
        except IntegrityError:  # some of them are written already, such as after a restore
            self.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        keys = [mail["key"] for mail in mails]
        written = {email.key: email for email in self.filter(key__in=keys).only("key")}
        return [written[key] for key in keys]

    def by_token(self, token):
        """The mail a personal link belongs to, or None; links of a removed key belong to nothing."""
        email = self.filter(link_sha256=links.fingerprint(token)).first() if token.isascii() else None
        return email if email and links.is_known(email.link_key) else None

    def due(self, now):
        """What could go out at this moment. `next_try_at` is empty for every mail nobody has to try."""
        return self.filter(next_try_at__lte=now)

    def lost(self):
        """Claimed by a worker that has not been heard of since its lease ran out, by the database's clock."""
        return self.filter(lease_until__lt=Now())

    def in_trouble(self):
        """Mail a person has to look at."""
        return self.filter(state__in=Email.TROUBLE, dismissed_at=None)

    def retrying(self):
        """Refused for now; goes out by itself when the other side takes it."""
        return self.filter(state=Email.State.RETRY)

    def late(self, now):
        """Taken by a server that says it cannot hand it on yet, in the last days; nothing else was heard since."""
        about = models.OuterRef("pk")
        returned = self.model._meta.get_field("returned").related_model.objects
        last = returned.filter(email=about).order_by("-pk").values("what")[:1]
        recent = returned.filter(what="delayed", at__gt=now - LATE_FOR).values("email")
        found = self.filter(pk__in=recent, state=Email.State.SENT).annotate(last_word=models.Subquery(last))
        return found.filter(last_word="delayed").order_by("-pk")

    def waiting(self):
        return self.filter(state__in=Email.WAITING)

    def cancel(self, reason):
        """What has not begun to go out will not. Returns how many."""
        return self.waiting().update(state=Email.State.CANCELLED, next_try_at=None, last_words=one_line(reason))

    def put_off(self, until):
        """What has not begun to go out waits until then, or until it is taken up again. Returns how many."""
        return self.waiting().update(next_try_at=until)

    def take_up(self, now):
        """What was put off goes out from now on, and not before it was planned to. Returns how many."""
        return self.waiting().update(next_try_at=Greatest(Coalesce("not_before", Value(now)), Value(now)))

    def hold(self, reason):
        """After a restore: what was waiting or on its way may have gone out since the backup; a person releases it."""
        begun = Q(state=Email.State.SENDING) | Q(state=Email.State.UNCERTAIN, next_try_at__isnull=False)
        return self.filter(Q(state__in=Email.WAITING) | begun).update(
            state=Email.State.HELD, next_try_at=None, lease_token=None, lease_until=None, last_words=one_line(reason)
        )


def _row(
    *,
    kind,
    key,
    to,
    subject,
    to_name="",
    from_name="",
    reply_to="",
    about="",
    not_before=None,
    expires_at=None,
    thread=None,
):
    """The columns of a new mail."""
    uuid = uuids.uuid4()
    key_id = links.newest_key_id()
    return {
        "key": key,
        "uuid": uuid,
        "kind": kind,
        "urgent": not kinds.get(kind).can_wait,
        "to_email": one_line(to, limit=254),
        "to_name": one_line(to_name, limit=200),
        "from_name": one_line(from_name, limit=200),
        "reply_to": one_line(reply_to, limit=254),
        "subject": one_line(subject, limit=200),
        "about": one_line(about, limit=200),
        "message_id": new_message_id(uuid),
        "references": f"{thread.references} {thread.message_id}".strip() if thread else "",
        "state": Email.State.SCHEDULED if not_before else Email.State.QUEUED,
        "not_before": not_before,
        "next_try_at": not_before or timezone.now(),
        "expires_at": expires_at,
        "link_key": key_id,
        "link_sha256": links.fingerprint(links.make(uuid, key_id)),
    }


def new_message_id(uuid):
    return f"<{uuid.hex}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=20)
def _domain(sender):
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


class Email(models.Model):
    """One mail to one address: who, about what, and what became of it. The body is made at sending and never kept."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("planned")
        QUEUED = "queued", _("waiting to go out")
        SENDING = "sending", _("going out")
        SENT = "sent", _("sent")
        RETRY = "retry", _("trying again")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("uncertain")
        BOUNCED = "bounced", _("came back")
        CANCELLED = "cancelled", _("not needed any more")
        HELD = "held", _("held back")

    WAITING = (State.SCHEDULED, State.QUEUED, State.RETRY)
    CAME_BACK = (State.FAILED, State.BOUNCED)
    TROUBLE = (State.FAILED, State.UNCERTAIN, State.BOUNCED, State.HELD)

    uuid = models.UUIDField(unique=True, default=uuids.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    urgent = models.BooleanField(default=False)

    to_email = models.CharField(max_length=254)
    to_name = models.CharField(max_length=200, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    about = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    references = models.TextField(blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    not_before = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    refused_since = models.DateTimeField(null=True, blank=True)
    times_uncertain = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Stored right before the end of DATA: from this moment on only the server knows whether it took the mail.
    handed_over_at = models.DateTimeField(null=True, blank=True)
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_words = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    link_key = models.CharField(max_length=8)
    link_sha256 = models.CharField(max_length=64, unique=True)

    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.CharField(max_length=200, blank=True)

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["urgent", "next_try_at", "id"], name="outbox_due"),
            models.Index(fields=["lease_until"], name="outbox_leases"),
            models.Index(fields=["state", "-id"], name="outbox_by_state"),
            models.Index(fields=["to_email", "-created_at"], name="outbox_by_address"),
            models.Index(fields=["state", "dismissed_at"], name="outbox_in_trouble"),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_sending_has_a_lease",
                condition=Q(state="sending", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_token__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="outbox_waiting_has_a_time",
                condition=~Q(state__in=["scheduled", "queued", "retry"]) | Q(next_try_at__isnull=False),
            ),
            models.CheckConstraint(
                name="outbox_done_is_never_due",
                condition=~Q(state__in=["sending", "sent", "failed", "bounced", "cancelled", "held"])
                | Q(next_try_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.subject} → {self.to_email}"

    @property
    def goes_out_by_itself(self):
        return self.next_try_at is not None

    def is_too_late(self, now):
        return self.expires_at is not None and self.expires_at <= now

    def send_again(self, *, now):
        """A person's decision, for failed, returned, held and uncertain mail. The Message-ID and the link stay.

        What was refused or came back goes out again because somebody says that its address is right.
        """
        with transaction.atomic():
            if self.state in self.CAME_BACK:
                self._tell_room(self.to_email, now=now)
            self._again(self.TROUBLE, now=now)

    def restart(self, *, to, to_name, now):
        """A room's own verb: what came back, or did not go out after all, goes out once more, to this address."""
        self._again(
            (*self.CAME_BACK, self.State.HELD, self.State.CANCELLED),
            now=now,
            to_email=one_line(to, limit=254),
            to_name=one_line(to_name, limit=200),
        )

    def _again(self, states, *, now, **fields):
        self._change(
            states,
            state=self.State.QUEUED,
            next_try_at=now,
            attempts=0,
            refused_since=None,
            handed_over_at=None,
            times_uncertain=0,
            told_at=None,
            dismissed_at=None,
            dismissed_by="",
            **fields,
        )
        transaction.on_commit(poke, robust=True)

    def correct_address(self, *, to, now):
        """Send it to the right address. Only for mail that was refused: an uncertain one may have arrived."""
        to = to.strip().lower()  # as the rooms keep addresses: what they want is compared with this
        with transaction.atomic():
            self._tell_room(to, now=now)
            self._again((*self.CAME_BACK, self.State.HELD), now=now, to_email=one_line(to, limit=254))

    def _tell_room(self, to, *, now):
        """The record behind the mail holds the address too; otherwise its room would not want this mail any more."""
        on_correction = kinds.get(self.kind).on_correction
        why_not = on_correction(self, to, now) if on_correction else ""
        if why_not:
            raise NotThere(why_not)

    def readdress(self, *, to, to_name):
        """It goes to somebody else. False when it has begun to go out."""
        waiting = Email.objects.waiting().filter(pk=self.pk)
        return bool(waiting.update(to_email=one_line(to, limit=254), to_name=one_line(to_name, limit=200)))

    def dismiss(self, *, by, now):
        """Nothing more is to be done about it; it leaves the list. Undone by `undo_dismiss`."""
        self._change(self.TROUBLE, dismissed_at=now, dismissed_by=one_line(by, limit=200), next_try_at=None)

    def undo_dismiss(self):
        self._change(self.TROUBLE, dismissed_at=None, dismissed_by="")

    def cancel(self, reason):
        """It has not begun to go out and will not. False when it was too late for that."""
        return bool(Email.objects.filter(pk=self.pk).cancel(reason))

    def _change(self, states, **fields):
        if not Email.objects.filter(pk=self.pk, state__in=states).update(**fields):
            raise NotInThatState(self)
        self.refresh_from_db()


class Attempt(models.Model):
    """One try at one mail, written before it begins; without an end its worker died."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("taken by the server")
        REFUSED_FOR_NOW = "for_now", _("refused for now")
        REFUSED = "refused", _("refused")
        UNREACHABLE = "unreachable", _("server not reached")
        UNCERTAIN = "uncertain", _("no answer after the mail was handed over")
        ERROR = "error", _("could not be written")
        CANCELLED = "cancelled", _("not needed any more")
        LOST = "lost", _("the worker stopped")

    email = models.ForeignKey(Email, models.CASCADE, related_name="tries")
    lease_token = models.UUIDField(unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.TextField(blank=True)
    worker = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.email_id}: {self.outcome or 'begun'}"
