from clients.models.client import (
    Client,
    ClientQuerySet,
    NotAllowed,
    TeamMember,
    new_client_id,
)
from clients.models.contact import Contact, ContactQuerySet, new_contact_id
from clients.models.interaction import Interaction, InteractionQuerySet, new_interaction_id
from clients.names import searchable

__all__ = [
    "Client",
    "ClientQuerySet",
    "Contact",
    "ContactQuerySet",
    "Interaction",
    "InteractionQuerySet",
    "NotAllowed",
    "TeamMember",
    "new_client_id",
    "new_contact_id",
    "new_interaction_id",
    "searchable",
]
