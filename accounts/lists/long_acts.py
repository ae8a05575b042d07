"""Acts on very many rows: in parts, by a worker, each part done once."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.lists import acts, kinds
from accounts.models import ListAct


def register():
    jobs.register("lists.act", run, address=address)
    jobs.register("lists.undo", run_undo, address=address)


def address(job):
    from django.urls import reverse

    return reverse("list_act", args=[job.data["act"]])


def start(kept, *, kind, act, keys, choice, by):
    """The rest of an act that was claimed, as a job."""
    title = _("%(what)s: %(rows)s") % {"what": act.label, "rows": kind.count(len(keys))}
    return jobs.start("lists.act", by=by, title=title, total=len(keys), data={"act": str(kept.uuid), "keys": keys})


def start_undo(kept, *, by):
    total = len(kept.data["entries"])
    return jobs.start("lists.undo", by=by, title=_("Undoing"), total=total, data={"act": str(kept.uuid)})


def found(kept):
    """(kind, act, what was chosen) of an act that was written down."""
    kind = kinds.get(kept.data["page"])
    act = kind.acts[kept.data["act"]]
    form = act.form(kept.data["choice"]) if act.form else None
    if form is not None and not form.is_valid():
        return kind, act, None
    return kind, act, act.chosen(form)


def run(job):
    """A part at a time, each in one transaction with the note of how far it is."""
    keys = job.data["keys"]
    while job.done < len(keys):
        now = timezone.now()
        with transaction.atomic():
            kept = ListAct.objects.select_for_update().get(uuid=job.data["act"])
            kind, act, choice = found(kept)
            if choice is None or not job.by.is_active:
                gone = _("What was chosen is not there any more.")
                job.step(len(keys), f"{gone} {_('What was done until then stands.')}")
                return
            part = keys[job.done : job.done + acts.PART]
            acts.do_part(kept, kind, act, part, by=job.by, choice=choice, now=now)
            job.step(job.done + len(part), kept.words)
        yield


def run_undo(job):
    while job.done < job.total:
        now = timezone.now()
        with transaction.atomic():
            kept = ListAct.objects.select_for_update().get(uuid=job.data["act"])
            kind, act, _choice = found(kept)
            part = kept.data["entries"][job.done : job.done + acts.PART]
            acts.undo_part(kept, kind, act, part, by=job.by, now=now)
            job.step(job.done + len(part), acts.undone_told(kept))
        yield
