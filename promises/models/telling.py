"""What every verb of a promise stands on: one conditional UPDATE, and one more line of the story."""

from promises.models.event import PromiseEvent
from promises.models.words import NotActive, NotYours

# A story begins with these: nobody can have been reminded before.
BEGINNINGS = (PromiseEvent.Kind.MADE, PromiseEvent.Kind.PROPOSED)


class Telling:
    """`by` is one of us and None for the clock or a click of theirs (`contact`); `now` comes from the edge."""

    def tell(self, kind, *, by, at, note="", contact=None, **data):
        """Add to the story; nothing is ever taken out of it. What a person does answers every reminder before it."""
        if (by or contact) and kind not in BEGINNINGS:
            self.reminders.filter(acted_at=None, said_at__lte=at).update(acted_at=at)
        return self.events.create(kind=kind, by=by, by_contact=contact, at=at, note=note, data=data)

    def told(self, kinds):
        """What the story says of these kinds, oldest first; without a question where the story is read already."""
        if "events" in getattr(self, "_prefetched_objects_cache", {}):
            return [event for event in self.events.all() if event.kind in kinds]
        return list(self.events.filter(kind__in=kinds).select_related("by"))

    def _change(self, *states, refuse=NotActive, where=None, **fields):
        """Change the row if it still stands as the caller saw it; `refuse` tells who was slower."""
        changed = type(self).objects.filter(pk=self.pk, state__in=states, **(where or {})).update(**fields)
        if not changed:
            raise refuse(self)
        self.__dict__.pop("calendar", None)
        self.refresh_from_db(fields=list(fields))

    def _only_if(self, is_theirs_to_say, *, by, contact):
        """A word clicked by a contact (nobody of us wrote it down) counts only where it is theirs to say."""
        if by is None and contact and (not is_theirs_to_say or contact.client_id != self.client_id):
            raise NotYours(self)
