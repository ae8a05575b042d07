"""What a file says of promises that are there already: only what it says now and did not say last time.

What each row said is kept with the story, so a correction made here stays until the file itself says something new.
Empty cells change nothing. Terms never change by a file: they are agreed.
"""

from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.import_report import Change
from accounts.quick import date_format, within
from accounts.worktime import due_moment
from clients.models import searchable
from promises.import_rows import LABELS, RefusedRow, key_of
from promises.models import NotActive, Promise, PromiseEvent

Kind = PromiseEvent.Kind
State = Promise.State
AT_ONCE = 500
TEXTS = ("what", "done_when", "importance")


def told_done(done_at, **more):
    """(kind, at, data) of what the story says of a promise that was done, and accepted."""
    return [
        (Kind.DELIVERED, done_at, {"done_at": done_at.isoformat(), "from": "active", **more}),
        (Kind.ACCEPTED, done_at, {"how": "", "from": "active"}),
    ]


def event_of(promise, kind, at, data):
    """One line of the story, in the name of who answers for the promise; what the clock says has no name."""
    if kind in (Kind.BROKEN, Kind.OVERDUE):
        return PromiseEvent(promise=promise, kind=kind, at=at, data=data)
    by = None if kind == Kind.REOPENED else promise.owner
    return PromiseEvent(promise=promise, kind=kind, at=at, by=by, data={**data, "file": True})


def in_parts(things, size=AT_ONCE):
    things = list(things)
    for start in range(0, len(things), size):
        yield things[start : start + size]


class Known:
    """The promises that rows may be about, read once; `acts` is what is to be done to them, `events` what is told."""

    def __init__(self, taken, *, by, now):
        self.by, self.now = by, now
        self.said, self.by_number, self.by_key = {}, {}, {}
        self.seen, self.acts, self.events = set(), [], []
        for part in in_parts({one.external_id for one in taken} - {""}):
            self._remember(Promise.objects.filter(external_id__in=part))
        for part in in_parts(one for one in taken if one.external_id not in self.by_number):
            self._remember(
                Promise.objects.ours().filter(
                    external_id=None,
                    first_due_at__in={one.due_at for one in part},
                    client__in={one.client.pk for one in part},
                )
            )

    def _remember(self, promises):
        promises = list(promises.select_related("client", "owner", "promisee_contact"))
        told = PromiseEvent.objects.filter(promise__in=promises).order_by("pk")
        made = {}
        for pk, kind, at, data in told.values_list("promise_id", "kind", "at", "data"):
            if kind == Kind.MADE:
                made[pk] = at
            if isinstance(data.get("said"), dict):
                self.said.setdefault(pk, {}).update(data["said"])
        for promise in promises:
            if promise.external_id:
                self.by_number[promise.external_id] = promise
                continue
            zone = ZoneInfo(promise.due_zone)
            made_at = made.get(promise.pk, promise.agreed_at).astimezone(zone)
            here = {"made": made_at.date().isoformat(), "due": _due_text(promise, zone)}
            key = key_of(promise.client_id, promise.what, here)
            if said := self.said.get(promise.pk):
                key = key_of(promise.client_id, said.get("what", promise.what), {**here, **said})
            self.by_key.setdefault(key, promise)

    def find(self, taken):
        """The promise a row is about, or None; a second row about the same one is refused."""
        mark = taken.external_id or taken.key
        if mark in self.seen:
            raise RefusedRow(_("An earlier row of this file is the same promise."))
        self.seen.add(mark)
        promise = self.by_number.get(taken.external_id) or self.by_key.get(taken.key)
        if promise is None:
            return None
        if promise.pk in self.seen:
            raise RefusedRow(_("An earlier row of this file is the same promise."))
        self.seen.add(promise.pk)
        if promise.client_id != taken.client.pk or not promise.is_ours:
            words = _("The number %(number)s belongs to another promise, with %(client)s.")
            raise RefusedRow(words % {"number": taken.external_id, "client": promise.client.name})
        return promise

    def compare(self, promise, taken):
        """The changes a row makes, queued in `acts`; `RefusedRow` for what a file cannot change."""
        before = self.said.get(promise.pk, {})
        self._check_terms(promise, taken, before)
        fields, changes = self._texts(promise, taken, before)
        verbs = [*self._owner(promise, taken, before, changes), *self._done(promise, taken, before, changes)]
        if fields:
            verbs.insert(0, lambda: self._correct(promise, taken, fields))
        self.acts += [(taken, verb) for verb in verbs]
        return changes

    def _check_terms(self, promise, taken, before):
        same_due = taken.due_at in (promise.first_due_at, promise.due_at) or before.get("due") == taken.said["due"]
        if not same_due:
            words = _("The file says due %(new)s; agreed is %(old)s. A due date moves only when both agree.")
            days = {"new": date_format(taken.due_date, "j F Y"), "old": date_format(promise.due_date, "j F Y")}
            raise RefusedRow(words % days)
        if before.get("made") and before["made"] != taken.said.get("made", before["made"]):
            raise RefusedRow(_("The file now says another date on which it was made. That does not change by a file."))

    def _texts(self, promise, taken, before):
        fields, changes = {}, []
        for name in TEXTS:
            old, new = getattr(promise, name), getattr(taken, name)
            if new and new not in (before.get(name), old):
                fields[name] = new
                changes.append(Change(str(LABELS[name]), old, new))
        if taken.contact and taken.contact.pk not in (before.get("contact"), promise.promisee_contact_id):
            fields["promisee_contact"] = taken.contact
            old = promise.promisee_contact.name if promise.promisee_contact else ""
            changes.append(Change(str(LABELS["contact"]), old, taken.contact.name))
        if taken.external_id and not promise.external_id:
            fields["external_id"] = taken.external_id
            changes.append(Change(str(LABELS["external_id"]), "", taken.external_id))
        return fields, changes

    def _correct(self, promise, taken, fields):
        if "what" in fields:
            fields["search_text"] = searchable(fields["what"])[:300]
        Promise.objects.filter(pk=promise.pk).update(**fields, version=F("version") + 1)
        old = {name: getattr(promise, name) or "" for name in fields if name not in ("promisee_contact", "search_text")}
        if "promisee_contact" in fields:
            old["contact"] = promise.promisee_contact.name if promise.promisee_contact else ""
        said = {name: taken.said[name] for name in (*TEXTS, "contact") if name in taken.said}
        event = event_of(promise, Kind.CORRECTED, self.now, {"before": old, "said": said})
        event.by = self.by or event.by  # whoever sent the file
        self.events.append(event)

    # ------------------------------------------------------------------ who

    def _owner(self, promise, taken, before, changes):
        said = taken.said.get("owner")
        if not said or said == before.get("owner") or promise.owner_id == taken.owner.pk:
            return
        if not promise.is_open:
            raise RefusedRow(_("This promise has ended; whose it was does not change by a file."))
        if not taken.owner.is_active:
            raise RefusedRow(_("The owner %(owner)s no longer works here.") % {"owner": taken.owner.name})
        changes.append(Change(str(LABELS["owner"]), promise.owner.name, taken.owner.name))
        yield lambda: promise.hand_over(to=taken.owner, by=self.by, now=self.now)

    # ------------------------------------------------------------------ done

    def _done(self, promise, taken, before, changes):
        if not taken.done_at or before.get("done") == taken.said["done"]:
            return
        done_at = taken.done_at
        if taken.done_day:
            same_day = taken.done_day == promise.due_date
            done_at = min(promise.due_at if same_day else due_moment(taken.done_day, None, taken.zone), self.now)
        change = Change(str(LABELS["done_on"]), "", taken.said["done"].replace("T", " "))
        match promise.state:
            case State.KEPT:
                if before.get("done") and promise.done_at != done_at:
                    words = _("The file now says done on %(new)s; here it has ended, done on %(old)s.")
                    zone = ZoneInfo(promise.due_zone)
                    days = [
                        date_format(moment.astimezone(zone).date(), "j F Y") for moment in (done_at, promise.done_at)
                    ]
                    raise RefusedRow(words % {"new": days[0], "old": days[1]})
            case State.ACTIVE:
                changes.append(change)
                yield lambda: self._keep(promise, taken, done_at)
            case State.DELIVERED:
                changes.append(change)
                yield lambda: promise.accept(by=self.by or promise.owner, now=self.now)
            case State.BROKEN if self._broken_by_the_clock(promise):
                changes.append(change)
                yield lambda: self._keep(promise, taken, done_at)
            case State.BROKEN:
                if promise.made_good_at is None:
                    changes.append(change)
                    yield lambda: promise.make_good(by=self.by or promise.owner, now=self.now)
            case _:
                words = _("Here it has ended: %(state)s. A file does not change that.")
                raise RefusedRow(words % {"state": within(promise.get_state_display())})

    def _broken_by_the_clock(self, promise):
        """Nobody said that it was broken, it was only silent for too long: then a word that it was done counts."""
        last = promise.events.filter(kind=Kind.BROKEN).order_by("-at", "-pk").first()
        return last is not None and last.by_id is None

    def _keep(self, promise, taken, done_at):
        was = promise.state
        fields = {"state": State.KEPT, "done_at": done_at, "delivered_at": done_at, "ended_at": done_at}
        there = Promise.objects.filter(pk=promise.pk, state=was, due_at=promise.due_at)
        if not there.update(**fields, unconfirmed=False, version=F("version") + 1):
            raise NotActive(promise)
        promise.renegotiations.filter(state="asked").update(state="taken_back", decided_at=self.now)
        if was == State.BROKEN:
            self.events.append(event_of(promise, Kind.REOPENED, self.now, {"was": str(was)}))
        told = told_done(done_at, said={"done": taken.said["done"]})
        self.events += [event_of(promise, *one) for one in told]

    def write_events(self):
        PromiseEvent.objects.bulk_create(self.events, batch_size=AT_ONCE)


def _due_text(promise, zone):
    """As a cell would say it: the day, and the time where there is one."""
    first = promise.first_due_at.astimezone(zone)
    timed = promise.due_time if promise.first_due_at == promise.due_at else first.second != 59
    return first.date().isoformat() + (f"T{first.time().replace(microsecond=0).isoformat()}" if timed else "")
