"""What is wrong with a round before anything is sent: findings with their count, some names, and where to mend them.

Reads only. A blocker stops the round; a warning says what will happen if nobody mends it.
"""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client, Contact
from surveys import audience
from surveys.models import Belief, Round

NAMES = 5  # as many as a reader takes in; the count says how many there are


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in words."""

    key: str
    words: str
    count: int = 0
    blocks: bool = False
    what_happens: str = ""
    names: list = field(default_factory=list)  # pairs of a name and an address where it is mended
    mend_url: str = ""
    mend: str = ""
    of: int | None = None  # how many names there are, where that is not the count

    @property
    def more(self):
        return max(0, (self.count if self.of is None else self.of) - len(self.names))


def blockers(round):
    return [finding for finding in check(round) if finding.blocks]


def check(round):
    """All findings, blockers first; about fifteen queries whatever the size of the round."""
    asked = Contact.objects.filter(invitations__round=round)
    people, clients = _counts(round, asked)
    found = [
        *_nobody(round, people),
        *_dates(round),
        *_questions(round),
        *_cannot_be_asked(round, asked, people),
        *_twice(round, asked),
        *_no_decision_maker(round, clients),
        *_owners(round, clients),
        *_archived(round, clients),
        *_beliefs(round),
    ]
    return sorted(found, key=lambda finding: not finding.blocks)


def _counts(round, asked):
    """What can be counted at once, of the people and of the clients on the list."""
    can = Q(left_at=None, mail_state=audience.OK) & ~Q(email="") & ~Q(survey_part=audience.NOT_SURVEYED)
    people = asked.order_by().aggregate(
        all=Count("pk"), can=Count("pk", filter=can), left=Count("pk", filter=Q(left_at__isnull=False))
    )
    clients = (
        _asked_clients(round)
        .order_by()
        .aggregate(
            undecided=Count("pk", filter=~_decides(round)),
            orphans=Count("pk", filter=Q(owner__is_active=False)),
            archived=Count("pk", filter=Q(archived_at__isnull=False)),
        )
    )
    return people, clients


def _decides(round):
    part = Contact.SurveyPart.DECISION_MAKER
    return Exists(round.invitations.filter(client=OuterRef("pk"), contact__survey_part=part).order_by())


# -------------------------------------------------------------------- what stops a round


def _nobody(round, people):
    if people["can"]:
        return
    matching = audience.matching(round.audience)
    considered = people["all"] or round.audience or not audience.can_be_asked(matching).exists()
    count = matching.count() if considered else 0
    reasons = audience.left_out(matching) if considered else []
    if count and len(reasons) == 1 and reasons[0].query == "no_email":
        words = ngettext(
            "Nobody can be asked: the one person who matches has no e-mail address.",
            "Nobody can be asked: none of the %(count)d people who match has an e-mail address.",
            count,
        ) % {"count": count}
    elif count and reasons:
        why = ", ".join(f"{reason.reason} ({reason.count})" for reason in reasons)
        words = _("Nobody can be asked. Of the %(count)d people who match: %(why)s.") % {"count": count, "why": why}
    else:
        words = _("Nobody is on the list yet.")
    yield Finding(
        "nobody", words, count, blocks=True, mend_url=_step(round, "people"), mend=_("Choose whom to ask"),
        names=_people(matching.filter(email="")[:NAMES]) if count else [],
    )  # fmt: skip


def _dates(round):
    if not (round.opens_at and round.due_on and round.closes_on):
        yield Finding(
            "dates", _("The dates are not set."), blocks=True, mend_url=_step(round, "dates"), mend=_("Set the dates")
        )


def _questions(round):
    if not any(question.is_scale for question in round.asked):
        yield Finding(
            "questions", _("There is nothing to ask: the questionnaire is empty."), blocks=True,
            mend_url=_step(round, "questions"), mend=_("Choose the questions"),
        )  # fmt: skip


# -------------------------------------------------------------------- what a person should know


def _cannot_be_asked(round, asked, people):
    """People on the list, or found by its filter, who will not get a mail."""
    candidates = Contact.objects.current().filter(Q(pk__in=asked.values("pk")) | Q(pk__in=_filtered(round)))
    words = {
        "no_email": lambda n: ngettext(
            "%(n)d person has no e-mail address.", "%(n)d people have no e-mail address.", n
        ),
        "bounced": lambda n: ngettext("Mail to %(n)d person comes back.", "Mail to %(n)d people comes back.", n),
        "unsubscribed": lambda n: ngettext("%(n)d person asked us to stop.", "%(n)d people asked us to stop.", n),
    }
    for left in audience.left_out(candidates):
        if left.query in words:
            condition = audience.REASONS[left.query][1]
            yield Finding(
                left.query,
                words[left.query](left.count) % {"n": left.count},
                left.count,
                what_happens=_("They are not asked."),
                names=_people(candidates.filter(condition).select_related("client")[:NAMES]),
            )
    if count := people["left"]:
        gone = asked.exclude(left_at=None)
        yield Finding(
            "left",
            ngettext("%(n)d person has left the client.", "%(n)d people have left the client.", count) % {"n": count},
            count,
            what_happens=_("They are not asked."),
            names=_people(gone.select_related("client")[:NAMES]),
        )


def _filtered(round):
    if not round.audience:
        return Contact.objects.none().values("pk")
    return audience.matching(round.audience).order_by().values("pk")


def _twice(round, asked):
    doubles = asked.exclude(email="").order_by("email").values("email").annotate(n=Count("pk")).filter(n__gt=1)
    if count := doubles.count():
        people = asked.filter(email__in=[row["email"] for row in doubles[:NAMES]]).select_related("client")
        yield Finding(
            "twice",
            ngettext(
                "%(n)d address is on the list more than once.", "%(n)d addresses are on the list more than once.", count
            )
            % {"n": count},
            count,
            what_happens=_("The second mail waits some days, so that nobody gets two at once."),
            names=_people(people[: 2 * NAMES]),
        )


def _no_decision_maker(round, counts):
    if count := counts["undecided"]:
        clients = _asked_clients(round).filter(~_decides(round))
        yield Finding(
            "no_decision_maker",
            ngettext(
                "At %(n)d client nobody who decides is asked.", "At %(n)d clients nobody who decides is asked.", count
            )
            % {"n": count},
            count,
            what_happens=_("Their answer counts, but the one who decides is not heard."),
            names=_clients(clients[:NAMES]),
        )


def _owners(round, counts):
    if count := counts["orphans"]:
        clients = _asked_clients(round).filter(owner__is_active=False)
        yield Finding(
            "owner",
            ngettext(
                "%(n)d client is owned by somebody who has left us.",
                "%(n)d clients are owned by somebody who has left us.",
                count,
            )
            % {"n": count},
            count,
            blocks=True,
            what_happens=_("Mail would go out in the name of a person who is not here any more."),
            names=_clients(clients[:NAMES]),
        )


def _archived(round, counts):
    if count := counts["archived"]:
        clients = _asked_clients(round).exclude(archived_at=None)
        yield Finding(
            "archived",
            ngettext("%(n)d client is archived.", "%(n)d clients are archived.", count) % {"n": count},
            count,
            what_happens=_("Nobody there is asked."),
            names=_clients(clients[:NAMES]),
        )


def _beliefs(round):
    if round.state != Round.State.BELIEFS:
        return
    missing = round.beliefs.filter(required=True, recorded_at=None)
    if count := missing.count():
        people = sorted(set(missing.values_list("user__name", flat=True)))
        yield Finding(
            "beliefs",
            ngettext(
                "For %(n)d client the owner has not recorded a belief yet.",
                "For %(n)d clients the owner has not recorded a belief yet.",
                count,
            )
            % {"n": count},
            count,
            what_happens=_("Those clients are written to once it is recorded.")
            if round.wait_for_beliefs
            else _("Their answers will have nothing to be held against. What is recorded later is never counted."),
            names=[(name, "") for name in people[:NAMES]],
            of=len(people),
            mend_url=_step(round, "beliefs"),
            mend=_("See who is missing"),
        )


# -------------------------------------------------------------------- names with links


def _asked_clients(round):
    return Client.objects.filter(Exists(round.invitations.filter(client=OuterRef("pk")).order_by()))


def _people(contacts):
    return [(f"{c.name}, {c.client.name}", _url("client", c.client.public_id)) for c in contacts]


def _clients(clients):
    return [(c.name, _url("client", c.public_id)) for c in clients]


def _step(round, step):
    return _url("survey_setup", round.public_id, step)


def _url(name, *args):
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def missing_beliefs(round):
    """Who has still to say what they believe: (name, required ones left, all left), most first."""
    rows = (
        Belief.objects.filter(round=round, recorded_at=None)
        .order_by()
        .values("user__name")
        .annotate(required=Count("pk", filter=Q(required=True)), left=Count("pk"))
        .order_by("-required", "-left", "user__name")
    )
    return [(row["user__name"], row["required"], row["left"]) for row in rows]
