from clients.models.attachment import Attachment, AttachmentQuerySet, new_attachment_id
from clients.models.client import (
    LAST_SPOKE,
    Client,
    ClientQuerySet,
    NotAllowed,
    TeamMember,
    new_client_id,
)
from clients.models.contact import Contact, ContactQuerySet, new_contact_id
from clients.models.day import FollowUp, Pin, new_follow_up_id
from clients.models.interaction import TWO_WAY, Interaction, InteractionQuerySet, new_interaction_id
from clients.models.merge import Merge, NotTheSame
from clients.models.received import NeverLog, ReceivedMail, new_received_id
from clients.models.request import Request, RequestEvent, RequestMail, RequestQuerySet, new_request_id
from clients.models.request_verbs import RequestError
from clients.names import searchable

__all__ = [
    "LAST_SPOKE",
    "TWO_WAY",
    "Attachment",
    "AttachmentQuerySet",
    "Client",
    "ClientQuerySet",
    "Contact",
    "ContactQuerySet",
    "FollowUp",
    "Interaction",
    "InteractionQuerySet",
    "Merge",
    "NeverLog",
    "NotAllowed",
    "NotTheSame",
    "Pin",
    "ReceivedMail",
    "Request",
    "RequestError",
    "RequestEvent",
    "RequestMail",
    "RequestQuerySet",
    "TeamMember",
    "new_attachment_id",
    "new_client_id",
    "new_contact_id",
    "new_follow_up_id",
    "new_interaction_id",
    "new_received_id",
    "new_request_id",
    "searchable",
]
