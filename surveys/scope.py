"""Whose answers a page of a round is about: everybody's, or one owner's, a value band's, a part's."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import User
from clients.models import Client, Contact
from surveys.means import Together
from surveys.summary import asked_of

EMPTY_ASKED = {"people": 0, "people_done": 0, "begun": 0, "clients": 0, "clients_done": 0, "left_out": {}}
LARGEST = 2000  # clients of one owner that are added up on a page


def parts():
    return [(value, words) for value, words in Contact.SurveyPart.choices if value != "not_surveyed"]


@dataclass(frozen=True)
class Scope:
    """What the address asks for. An owner and a band may be asked together; a part stands alone."""

    round: object
    user: object
    owner: User | None = None
    owner_unknown: bool = False
    band: str = ""
    part: str = ""

    @classmethod
    def read(cls, round, user, query):
        """Only managers choose: means over few clients would tell others what was said in confidence."""
        if not user.is_manager:
            return cls(round, user)
        wanted = query.get("owner", "")[:16]
        owner = user if wanted == "me" else User.objects.filter(public_id=wanted).first() if wanted else None
        band, part = query.get("band", ""), query.get("part", "")
        band = band if band in Client.Band.values else ""
        part = part if part in dict(parts()) and not wanted and not band else ""
        return cls(round, user, owner, bool(wanted) and owner is None, band, part)

    @property
    def is_all(self):
        return not (self.owner or self.owner_unknown or self.band or self.part)

    @property
    def key(self):
        return f"band:{self.band}" if self.band else f"part:{self.part}" if self.part else "all"

    @cached_property
    def results(self):
        """The results of these clients; of a part, all in which it may have spoken."""
        found = self.round.results.visible_to(self.user)
        if self.owner_unknown:
            return found.none()
        if self.owner:
            found = found.filter(client__owner=self.owner)
        return found.filter(client__value_band=self.band) if self.band else found

    @cached_property
    def numbers(self):
        """What `means.Together` says of them: as measured, or added up from the results of one owner."""
        if not (self.owner or self.owner_unknown):
            return (self.round.summary or {}).get(self.key) or Together().numbers()
        together = Together()
        rows = self.results.filter(answered__gt=0).order_by("pk").values_list("dimensions", "voices")
        for dimensions, voices in rows[:LARGEST]:
            together.add(dimensions, voices)
        return together.numbers()

    @cached_property
    def asked(self):
        """How many were asked and have answered, and who is left out."""
        if self.owner or self.owner_unknown:
            invitations = self.round.invitations.filter(client__owner=self.owner)
            if self.band:
                invitations = invitations.filter(client__value_band=self.band)
            return asked_of(invitations)[""] if self.owner else EMPTY_ASKED
        known = (self.round.summary or {}).get("asked", {})
        found = known.get("" if self.key == "all" else self.key) or EMPTY_ASKED
        return found if self.user.is_manager else self._without_hidden(found)

    def _without_hidden(self, found):
        """Clients for their team only are not counted for others."""
        hidden = self.round.invitations.filter(client__in=Client.objects.hidden_from(self.user))
        out = asked_of(hidden)[""]
        if not (out["people"] or out["left_out"]):
            return found
        left = {name: number - out["left_out"].get(name, 0) for name, number in found["left_out"].items()}
        less = {name: max(0, found[name] - out[name]) for name in found if name != "left_out"}
        return {**less, "left_out": {name: number for name, number in left.items() if number > 0}}

    @property
    def words(self):
        """“Priya Shah’s clients, value A”; "" for everybody."""
        found = []
        if self.owner:
            found.append(_("clients of %(name)s") % {"name": self.owner.name})
        if self.band:
            found.append(_("value %(band)s") % {"band": self.band})
        if self.part:
            found.append(dict(parts())[self.part])
        return ", ".join(str(one) for one in found)
