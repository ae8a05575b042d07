"""Why somebody on a round's list has not been written to yet: the contact cap, and every other reason, in words."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.quick import date_format
from clients.contact_cap import last_mails
from clients.models import Contact
from outbox.models import Email
from surveys import timing
from surveys.days import start_of_day
from surveys.models import Belief, Invitation

GONE = (Email.State.FAILED, Email.State.BOUNCED)
NOT_SURVEYED = Contact.SurveyPart.NOT_SURVEYED
MAY_BE_ASKED = Q(contact__left_at=None, client__archived_at=None) & ~Q(contact__survey_part=NOT_SURVEYED)


# -------------------------------------------------------------------- one automatic mail in so many working days


def hold_capped(batch, *, now, calendar, gap):
    """One automatic mail per person in so many working days, over all features: the others wait, with the reason."""
    recent = last_mails({i.contact.email for i in batch}, now=now, calendar=calendar, gap=gap)
    free, held = [], []
    for invitation in batch:
        last = recent.get(invitation.contact.email)
        if last is None:
            if gap:
                recent[invitation.contact.email] = now  # the same address at another client waits its turn
            free.append(invitation)
            continue
        day = calendar.working_day_after(calendar.local_date(last), gap)
        after = max(start_of_day(day, calendar), now + timedelta(hours=1))
        invitation.send_at = timing.morning_for(invitation, after=after, calendar=calendar)
        invitation.hold_reason = _("Had another mail from us on %(day)s; goes out on %(until)s.") % {
            "day": date_format(calendar.local_date(last), "D j M"),
            "until": date_format(calendar.local_date(invitation.send_at), "D j M"),
        }
        held.append(invitation)
    Invitation.objects.bulk_update(held, ["send_at", "hold_reason"], batch_size=500)
    return free


# -------------------------------------------------------------------- who is held, and why


def reasons(round):
    """{key: (words, condition)} of what holds people back in a round, the first that applies counts."""
    owed = Exists(Belief.objects.holding().filter(round=round, client=OuterRef("client")))
    unwritten = Q(queued_at=None)
    found = {
        "left": (_("have left the client, or the client is archived"),
                 unwritten & (Q(contact__left_at__isnull=False) | Q(client__archived_at__isnull=False))),
        "not_surveyed": (_("are not asked in surveys"), unwritten & Q(contact__survey_part=NOT_SURVEYED)),
        "belief": (_("wait until the owner has recorded a belief"),
                   unwritten & owed if round.wait_for_beliefs else Q(pk__in=[])),
        "cap": (_("had another mail from us lately"), unwritten),
        "stopped": (_("had a mail that was not sent after all"), Q(queued_at__isnull=False)),
    }  # fmt: skip
    before = Q(pk__in=[])
    exact = {}
    for key, (words, condition) in found.items():
        exact[key] = (words, condition & ~before)
        before |= condition
    return exact


def held(rows):
    return rows.filter(state=Invitation.State.PENDING).exclude(hold_reason="")


def counts(round, rows):
    """[(key, words, how many)] of those held among these invitations; one query."""
    found = reasons(round)
    numbers = held(rows).order_by().aggregate(**{key: Count("pk", filter=q) for key, (_words, q) in found.items()})
    return [(key, found[key][0], n) for key, n in numbers.items() if n]


def only(round, rows, key):
    """Those held for this reason; any other word means all who are held."""
    found = reasons(round).get(key)
    return held(rows).filter(found[1]) if found else held(rows)


CHOICES = [
    ("any", gettext_lazy("Held back")),
    ("left", gettext_lazy("left, or archived")),
    ("not_surveyed", gettext_lazy("not asked in surveys")),
    ("belief", gettext_lazy("waits for a belief")),
    ("cap", gettext_lazy("another mail lately")),
    ("stopped", gettext_lazy("not sent after all")),
]
