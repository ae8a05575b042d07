"""What is wrong with a round before anything is sent: findings with their count, some names, and where to mend them.

Reads only. A blocker stops the round; a warning says what will happen if nobody mends it.
"""

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client, Contact
from surveys import audience, preflight_dates, you_said
from surveys.days import firm_calendar
from surveys.finding import NAMES, Finding, clients_named, people_named, step, url
from surveys.models import Belief, Round
from surveys.questionnaire_page import languages


def blockers(round):
    return [finding for finding in check(round) if finding.blocks]


def check(round, *, now=None, calendar=None):
    """All findings, blockers first; about twenty queries whatever the size of the round."""
    now, calendar = now or timezone.now(), calendar or firm_calendar()
    asked = Contact.objects.filter(invitations__round=round)
    people, clients = _counts(round, asked)
    found = [
        *_mail(),
        *_nobody(round, people),
        *_dates(round),
        *_questions(round),
        *_cannot_be_asked(round, asked, people),
        *_lately(round, asked, now=now),
        *_twice(round, asked),
        *_same_name(round, asked),
        *_language(round, asked),
        *_to_check(round),
        *_no_decision_maker(round, clients),
        *_owners(round, clients),
        *_archived(round, clients),
        *_beliefs(round),
        *_told_nothing(round),
        *preflight_dates.order_of_dates(round, calendar),
        *preflight_dates.days_off(round, calendar),
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
    """Clients at which a decision maker is asked. A list, looked up once: asking for each client takes minutes."""
    part = Contact.SurveyPart.DECISION_MAKER
    return Q(pk__in=round.invitations.filter(contact__survey_part=part).order_by().values("client"))


# -------------------------------------------------------------------- what stops a round


def _mail():
    """Mail that would go nowhere: no sender's address. A mailbox of files stops nothing."""
    if not settings.MAILBOX and not settings.DEFAULT_FROM_EMAIL:
        yield Finding(
            "mail", _("Mail is not set up: there is no address it would come from."), blocks=True,
            what_happens=_("An administrator sets DEFAULT_FROM_EMAIL and EMAIL_URL, and starts the program again."),
            mend_url=url("outbox_trouble"), mend=_("See the mail"),
        )  # fmt: skip


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
        "nobody", words, count, blocks=True, mend_url=step(round, "people"), mend=_("Choose whom to ask"),
        names=people_named(matching.filter(email="")[:NAMES]) if count else [],
    )  # fmt: skip


def _dates(round):
    if not (round.opens_at and round.due_on and round.closes_on):
        yield Finding(
            "dates", _("The dates are not set."), blocks=True, mend_url=step(round, "dates"), mend=_("Set the dates")
        )


def _questions(round):
    if not any(question.is_scale for question in round.asked):
        yield Finding(
            "questions", _("There is nothing to ask: the questionnaire is empty."), blocks=True,
            mend_url=step(round, "questions"), mend=_("Choose the questions"),
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
                names=people_named(candidates.filter(condition).select_related("client")[:NAMES]),
                mend_url=f"{step(round, 'people')}?filter=1&left={left.query}",
                mend=_("See them all"),
            )
    if count := people["left"]:
        gone = asked.exclude(left_at=None)
        yield Finding(
            "left",
            ngettext("%(n)d person has left the client.", "%(n)d people have left the client.", count) % {"n": count},
            count,
            what_happens=_("They are not asked."),
            names=people_named(gone.select_related("client")[:NAMES]),
            mend_url=step(round, "people"),
            mend=_("Whom to ask"),
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
            names=people_named(people[: 2 * NAMES]),
            of=len(people[: 2 * NAMES]),
            mend_url=f"{step(round, 'people')}?filter=1&on_list=yes",
            mend=_("Choose one of them"),
        )


def _lately(round, asked, *, now):
    days = audience.lately_days(round.audience)
    found = asked.filter(audience.asked_lately(round, days=days, now=now)) if days else asked.none()
    if count := found.count():
        yield Finding(
            "lately",
            ngettext(
                "%(n)d person was asked in another round within %(days)d days.",
                "%(n)d people were asked in another round within %(days)d days.",
                count,
            )
            % {"n": count, "days": days},
            count,
            what_happens=_("They are asked again, as somebody ticked them."),
            names=people_named(found.select_related("client")[:NAMES]),
            mend_url=f"{step(round, 'people')}?filter=1&on_list=yes&left=lately",
            mend=_("See them all"),
        )


def _same_name(round, asked):
    """The same person may stand for one client only once; two records of one name are most likely one person."""
    doubles = asked.order_by().values("client", "name").annotate(n=Count("pk")).filter(n__gt=1)
    if count := doubles.count():
        first = doubles.order_by("client", "name")[:NAMES]
        either = Q(pk__in=[])
        for row in first:
            either |= Q(client=row["client"], name=row["name"])
        people = asked.filter(either).select_related("client")[:NAMES]
        yield Finding(
            "same_name",
            ngettext(
                "%(n)d name is on the list twice for one client.",
                "%(n)d names are on the list twice for one client.",
                count,
            )
            % {"n": count},
            count,
            what_happens=_("If it is one person, they are asked twice and count twice."),
            names=people_named(people),
            mend_url=f"{step(round, 'people')}?filter=1&on_list=yes",
            mend=_("Choose one of them"),
        )


def _language(round, asked):
    """People whose language the questions are not written in; they get them in English."""
    offered = set(round.languages_offered)
    read = asked.order_by().values_list("language").annotate(n=Count("pk"))
    missing = {code: n for code, n in read if code and code not in offered and code.split("-")[0] not in offered}
    if not offered or not missing:
        return
    count = sum(missing.values())
    names = ", ".join(sorted(audience.language_name(code) for code in missing))
    yield Finding(
        "language",
        ngettext(
            "%(n)d person reads a language the questions are not offered in: %(names)s.",
            "%(n)d people read a language the questions are not offered in: %(names)s.",
            count,
        )
        % {"n": count, "names": names},
        count,
        what_happens=_("They get the questions in English."),
        names=people_named(asked.filter(language__in=missing).select_related("client")[:NAMES]),
        mend_url=step(round, "questions"),
        mend=_("Languages of the questions"),
    )


def _to_check(round):
    """Words in another language that were written before the English ones were changed."""
    if round.snapshot:
        return
    for language in languages(round.questionnaire.as_asked()):
        if language.code not in round.languages_offered or not language.to_check:
            continue
        words = ngettext(
            "%(n)d question was reworded in English, and nobody has looked at it in %(language)s.",
            "%(n)d questions were reworded in English, and nobody has looked at them in %(language)s.",
            language.to_check,
        )
        yield Finding(
            "to_check", words % {"n": language.to_check, "language": language.name}, language.to_check,
            what_happens=_("They are asked as they are."), mend=_("Look at them"),
            mend_url=f"{round.questionnaire.get_absolute_url()}?lang={language.code}#languages-h",
        )  # fmt: skip


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
            names=clients_named(clients[:NAMES]),
            mend_url=f"{step(round, 'people')}?filter=1&on_list=yes",
            mend=_("Say who decides"),
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
            names=[
                (name, url("client_edit", public_id))
                for name, public_id in clients.values_list("name", "public_id")[:NAMES]
            ],
            mend_url=url("people"),
            mend=_("Hand their clients over"),
        )


def _archived(round, counts):
    if count := counts["archived"]:
        clients = _asked_clients(round).exclude(archived_at=None)
        yield Finding(
            "archived",
            ngettext("%(n)d client is archived.", "%(n)d clients are archived.", count) % {"n": count},
            count,
            what_happens=_("Nobody there is asked."),
            names=clients_named(clients[:NAMES]),
            mend_url=f"{step(round, 'people')}?filter=1&on_list=yes",
            mend=_("Whom to ask"),
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
            mend_url=step(round, "beliefs"),
            mend=_("See who is missing"),
        )


# -------------------------------------------------------------------- who is missing


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


def _asked_clients(round):
    return Client.objects.filter(Exists(round.invitations.filter(client=OuterRef("pk")).order_by()))


def _told_nothing(round):
    clients = you_said.clients_without(round)
    if count := clients.count():
        clients = clients.order_by("search_text", "pk")[:NAMES]
        yield Finding(
            "told_nothing",
            ngettext(
                "%(n)d client answered before and is told nothing of what came of it.",
                "%(n)d clients answered before and are told nothing of what came of it.",
                count,
            )
            % {"n": count},
            count,
            what_happens=_("Their invitation goes out without “You said, we did”."),
            names=[(c.name, url("survey_you_said", round.public_id, c.public_id)) for c in clients],
        )
