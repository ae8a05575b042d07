"""Which rows an act or a file is about: the ticked ones, or every one that matches what the address asks for."""

from dataclasses import dataclass

from django.db.models import QuerySet

TICKED = 500  # boxes that are read out of an address


@dataclass(frozen=True)
class Selection:
    """`found` in the order of the list; `everything` when no box decides but the filters."""

    found: QuerySet
    everything: bool
    listing: object

    def first(self, most):
        """Keys of at most so many, and whether there were more."""
        keys = list(self.found.values_list("pk", flat=True)[: most + 1])
        return keys[:most], len(keys) > most


def ticked(query):
    """The ids of ticked rows; odd ones are left out."""
    ids = [value[:16] for value in query.getlist("pick") if value.isascii() and value.isprintable()]
    return list(dict.fromkeys(ids))[:TICKED]


def read(kind, query, *, user, now):
    """What this person chose among what they may see."""
    listing = kind.read(query, user=user, now=now)
    if "all" in query:
        return Selection(listing.found, True, listing)
    # Ticked rows stay chosen though they match the filters no longer.
    order = listing.found.query.order_by
    found = kind.visible(user).filter(public_id__in=ticked(query))
    return Selection(found.order_by(*order), False, listing)
