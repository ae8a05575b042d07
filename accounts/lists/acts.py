"""One act on several rows of a list: what it would do, said beforehand; done as one; undone as one for a day.

A room says what an act does to one record by a subclass of `Act`. Here it is planned, done in one go or in parts by a
job, and taken back: only what still stands as the act left it.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ListAct

UNDO = timedelta(hours=24)
MOST_NOW = 50  # more become a job
MOST = 10_000  # in one act
PART = 50
KEPT_LEFT = 200  # of those that were left, how many are kept by name


class Left(Exception):
    """This one cannot be acted on after all; the first argument says why, as `Act.left` knows it."""


class NotNow(Exception):
    """Undone before, too long ago, or somebody else’s."""


class Act(ABC):
    """What can be done to several. Sentences take the number and what was chosen."""

    name = ""
    label = ""
    mark = "check"
    form = None  # a form class, where something is to be chosen first

    def records(self, found):
        """With what the act needs of each."""
        return found

    def chosen(self, form):
        """What was chosen, as the act takes it."""
        return form.cleaned_data if form is not None else {}

    def looked(self, records, *, by, choice):
        """What has to be known of all of them at once, in a few queries."""
        return None

    def why_left(self, record, looked, choice):
        """A word for why this one is left, as `left` puts it into a sentence; "" when it goes."""
        return ""

    @abstractmethod
    def state(self, record):
        """What the act changes of a record, as JSON: compared before it is undone."""

    @abstractmethod
    def apply(self, record, *, by, choice, now):
        """Do it; may give more to keep for `restore`. Raises Left."""

    @abstractmethod
    def restore(self, record, *, was, more, by, now):
        """Back to how it was. Raises Left."""

    @abstractmethod
    def going(self, n, choice):
        """What will happen to so many, as a sentence."""

    def notes(self, records, *, choice):
        """Sentences about what else to know before."""
        return []

    def left(self, why, n, choice):
        sentences = {
            "locked": ngettext("%(n)d you may not change.", "%(n)d you may not change.", n),
            "same": ngettext("%(n)d was so already.", "%(n)d were so already.", n),
            "gone": ngettext("%(n)d is not there any more.", "%(n)d are not there any more.", n),
        }
        return sentences.get(why, ngettext("%(n)d was left.", "%(n)d were left.", n)) % {"n": n}

    @abstractmethod
    def done(self, n, choice):
        """What has happened to so many, as a sentence."""


@dataclass(frozen=True)
class Plan:
    """Records that go, and (record, why) of those that are left."""

    going: list
    left: list = field(default_factory=list)

    def left_by_reason(self):
        return Counter(why for _record, why in self.left).most_common()


def plan(act, records, *, by, choice):
    looked = act.looked(records, by=by, choice=choice)
    found = Plan([])
    for record in records:
        why = act.why_left(record, looked, choice)
        found.left.append((record, why)) if why else found.going.append(record)
    return found


def in_words(act, plan, choice):
    """“12 go to Tom. 2 were already Tom’s. 1 you may not change.”, as sentences."""
    going = [act.going(len(plan.going), choice)] if plan.going else []
    return going + [act.left(why, n, choice) for why, n in plan.left_by_reason()]


def seal(act, records):
    """A short word for these records as they stand: another one when something the act is about has changed."""
    text = json.dumps([[record.pk, act.state(record)] for record in records], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# -------------------------------------------------------------------- doing it


def claim(kind, act, *, raw, key, by, now):
    """The record of an act, once for each key: (it, whether it is new). Call it inside the act's transaction."""
    data = {"page": kind.page, "act": act.name, "choice": raw, "entries": [], "left": {}, "left_rows": []}
    try:
        with transaction.atomic():
            return ListAct.objects.create(uuid=key, what=f"{kind.page}.{act.name}", by=by, at=now, data=data), True
    except IntegrityError:
        return ListAct.objects.get(uuid=key, by=by), False


def do_part(kept, kind, act, keys, *, by, choice, now):
    """Act on these, locked while it happens; `kept` knows afterwards what became of each. Inside a transaction."""
    found = act.records(kind.visible(by)).filter(pk__in=keys).order_by("pk")
    records = list(found.select_for_update(of=("self",)))
    decided = plan(act, records, by=by, choice=choice)
    left = [(record.public_id, why) for record, why in decided.left]
    for record in decided.going:
        was = act.state(record)
        try:
            with transaction.atomic():
                more = act.apply(record, by=by, choice=choice, now=now)
        except Left as why:
            left.append((record.public_id, why.args[0]))
        else:
            kept.data["entries"].append([record.pk, was, act.state(record), more])
    missing = len(keys) - len(records)
    counted = Counter(kept.data["left"]) + Counter(why for _id, why in left) + Counter({"gone": missing})
    kept.data["left"] = dict(counted)
    kept.data["left_rows"] = [*kept.data["left_rows"], *left][:KEPT_LEFT]
    kept.words = told(act, kept, choice)[:200]
    kept.save(update_fields=["data", "words"])


def told(act, kept, choice):
    """“Handed 12 to Tom. 2 were already Tom’s.”"""
    left = sorted(kept.data["left"].items(), key=lambda pair: -pair[1])
    done = len(kept.data["entries"])
    words = [act.done(done, choice)] if done or not left else [_("Nothing was changed.")]
    return " ".join(words + [act.left(why, n, choice) for why, n in left])


# -------------------------------------------------------------------- undoing it


def recent(user, *, now):
    """What this person did to several in the last day."""
    return ListAct.objects.filter(by=user, at__gt=now - UNDO).order_by("-at", "-pk")


def may_be_undone(kept, *, now):
    return kept.undone_at is None and kept.at > now - UNDO and bool(kept.data.get("entries"))


def claim_undo(kept, *, by, now):
    """Only one click undoes; raises NotNow for the others, for other people and after a day."""
    mine = ListAct.objects.filter(pk=kept.pk, by=by, undone_at=None, at__gt=now - UNDO)
    if not mine.update(undone_at=now):
        raise NotNow
    kept.undone_at = now


def undo_part(kept, kind, act, entries, *, by, now):
    """Give back what still stands as the act left it, whoever may see it now: who did it takes it back."""
    found = act.records(kind.every()).filter(pk__in=[pk for pk, *_rest in entries]).order_by("pk")
    records = {record.pk: record for record in found.select_for_update(of=("self",))}
    counted = Counter(kept.data.get("undone", {}))
    for pk, was, after, more in entries:
        record = records.get(pk)
        counted[_given_back(act, record, was=was, after=after, more=more, by=by, now=now)] += 1
    kept.data["undone"] = dict(counted)
    kept.save(update_fields=["data", "undone_at"])


def _given_back(act, record, *, was, after, more, by, now):
    if record is None:
        return "gone"
    if act.state(record) != after:
        return "changed"
    try:
        with transaction.atomic():
            act.restore(record, was=was, more=more, by=by, now=now)
    except Left as why:
        return why.args[0]
    return "back"


def undone_told(kept):
    """What undoing did, in a sentence."""
    counted = dict(kept.data.get("undone", {}))
    back = counted.pop("back", 0)
    words = [ngettext("Undone: %(n)d is as it was.", "Undone: %(n)d are as they were.", back) % {"n": back}]
    changed, other = counted.pop("changed", 0), sum(counted.values())
    if changed:
        sentence = ngettext("%(n)d was changed since and stays.", "%(n)d were changed since and stay.", changed)
        words.append(sentence % {"n": changed})
    if other:
        words.append(ngettext("%(n)d stays as it is.", "%(n)d stay as they are.", other) % {"n": other})
    return " ".join(words)
