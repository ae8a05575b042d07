"""What the daily digest says of concerns: to whoever leads one, and to managers what is out of time or came back."""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Role, User
from partnerships.models import Concern
from partnerships.wording import standing
from promises.reminders.sections import Line, Section

SHOWN = 25


def section():
    return Section(
        name="partnerships.concerns",
        title=gettext_lazy("To clear the air"),
        lines=lines,
        counted=lambda found: (
            ngettext("%d talk to clear the air", "%d talks to clear the air", len(found)) % len(found)
        ),
    )


def lines(readers, now):
    """{user pk: [Line…]}, in a handful of queries however many readers there are."""
    found = defaultdict(list)
    own = Concern.objects.led_by(readers).filter(client__archived_at=None)
    for concern in _worth_a_word(own, now):
        found[concern.leader.pk] += list(_for_leader(concern, now))
    if managers := _who_hears(readers):
        told = Concern.objects.filter(client__archived_at=None).unresolved()
        told = told.filter(Q(escalated_at__isnull=False) | Q(recurrence_of__isnull=False))
        for concern in _read(told):
            for line in _for_managers(concern, now):
                for manager in managers:
                    if manager.pk != concern.leader.pk or line.key.endswith(":recurrence"):
                        found[manager.pk].append(line)
    return found


def _worth_a_word(own, now):
    """Out of time, a talk nobody spoke of since, a check or a question that is due."""
    ended = Q(state=Concern.State.TALKING, talk_at__lt=now)
    check = Q(next_check_on__lte=now.date())
    ask = Q(state=Concern.State.RESOLVED, asked_at=None, ask_on__lt=now.date())
    late = Q(pk__in=own.overdue(now).values("pk"))
    new = Q(state=Concern.State.OPEN, first_contact_at=None, contact_due_at__gte=now)
    return _read(own.filter(late | new | (ended | check) & Q(state__in=["open", "talking", "agreed"]) | ask))


def _read(concerns):
    return concerns.with_people().order_by("talk_due_at", "pk").prefetch_related("talk_with__client")


def _for_leader(concern, now):
    now_is = standing(concern, now=now)
    here = f"{concern.get_absolute_url()}"
    start, known = f"case:{concern.public_id}", {"client": concern.client.name}
    late = concern.late(now)
    if late:
        due = concern.contact_due_at if late == "contact" else concern.talk_due_at
        text = _("Speak with %(client)s") if late == "contact" else _("Hold the talk with %(client)s")
        yield Line(
            f"{start}:{late}:{due:%Y%m%d}", text % known, here, concern.client_id, due=now_is.words, tone="late",
            stays=True,
        )  # fmt: skip
    elif concern.state == Concern.State.OPEN and concern.first_contact_at is None:
        if concern.origin == Concern.Origin.SURVEY or concern.opened_by_id != concern.leader.pk:
            text = _("Speak with %(client)s") % known
            key = f"{start}:open:{concern.contact_due_at:%Y%m%d}" if concern.contact_due_at else ""
            yield Line(key, text, here, concern.client_id, due=now_is.words, tone="soon")
    elif concern.wants_words(now):
        text = _("Write down how the talk with %(client)s went") % known
        yield Line(f"{start}:held:{concern.talk_at:%Y%m%d}", text, f"{here}?step=hold", concern.client_id, tone="soon")
    elif concern.is_unresolved and concern.next_check_on and concern.next_check_on <= now.date():
        text = _("Look again at what you agreed with %(client)s") % known
        yield Line(f"{start}:check:{concern.next_check_on:%Y%m%d}", text, f"{here}?step=follow", concern.client_id)
    elif concern.state == Concern.State.RESOLVED:
        from partnerships.cleared import whom_to_ask

        if whom_to_ask(concern) is None:
            text = _("Ask %(client)s yourself whether it is cleared up: nobody there can be mailed") % known
            yield Line(f"{start}:ask:{concern.ask_on:%Y%m%d}", text, f"{here}?step=follow", concern.client_id)


def _for_managers(concern, now):
    known = {"client": concern.client.name, "name": concern.leader.name}
    here, start = concern.get_absolute_url(), f"case:{concern.public_id}"
    if concern.escalated_at and concern.late(now):
        text = _("%(client)s still waits for %(name)s") % known
        yield Line(
            f"{start}:escalated:{concern.escalated_at:%Y%m%d}", text, here, concern.client_id,
            due=standing(concern, now=now).words, tone="late",
        )  # fmt: skip
    if concern.is_recurrence:
        text = _("It happened again at %(client)s: %(cause)s") % {**known, "cause": concern.get_cause_kind_display()}
        yield Line(f"{start}:recurrence", text, here, concern.client_id, who=concern.leader.name, tone="late")


def _who_hears(readers):
    """Managers; administrators where the firm has no manager."""
    managers = [reader for reader in readers if reader.role == Role.MANAGER]
    if managers:
        return managers
    administrators = [reader for reader in readers if reader.role == Role.ADMINISTRATOR]
    if administrators and not User.objects.active().filter(role=Role.MANAGER).exists():
        return administrators
    return []
