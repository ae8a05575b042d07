"""Which promises a bulk act is about: the ticked ones, or every one that matches what the address asks for."""

from dataclasses import dataclass

from django.db.models import QuerySet

from promises import filters
from promises.models import Promise
from promises.rows import with_everybody

MOST = 500  # in one act: a page that waits longer than a breath is too long


@dataclass(frozen=True)
class Selection:
    """`found` in the order of the list; `everything` when no box decides but the filters."""

    found: QuerySet
    everything: bool
    filters: filters.Filters

    def read(self):
        """At most so many with everybody in them, and whether there were more."""
        first = list(self.found[: MOST + 1])
        return with_everybody(first[:MOST]), len(first) > MOST


def picked(query):
    """The ids of ticked rows; odd ones are left out."""
    ids = [value[:16] for value in query.getlist("pick") if value.isascii() and value.isprintable()]
    return list(dict.fromkeys(ids))[:MOST]


def read(query, *, user, now):
    """What this person chose among what they may see."""
    chosen = filters.read(query, user=user)
    visible = Promise.objects.visible_to(user)
    everything = "all" in query
    if everything:
        return Selection(filters.apply(visible, chosen, now=now), True, chosen)
    order = filters.SORTS[chosen.sort]
    return Selection(visible.filter(public_id__in=picked(query)).order_by(*order), False, chosen)
