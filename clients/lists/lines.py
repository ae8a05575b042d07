"""A row of a list, and whom or what its address names."""

from dataclasses import dataclass, field

from accounts.models import User
from clients.models import Client


@dataclass(frozen=True)
class Line:
    record: object
    name: str
    loaded: dict = field(default_factory=dict)

    @property
    def public_id(self):
        return self.record.public_id


def client_of(text, user):
    """The client an address names, if this person may see it."""
    return Client.objects.visible_to(user).filter(public_id=text[:16]).first() if text else None


def owner_of(text, user):
    """The colleague an address names; “me” is the reader."""
    if text == "me":
        return user
    return User.objects.filter(public_id=text[:16]).first() if text else None
