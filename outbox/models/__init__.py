from outbox.models.circuit import Circuit
from outbox.models.emails import (
    Attempt,
    Email,
    EmailQuerySet,
    NotInThatState,
    NotThere,
    new_message_id,
)
from outbox.models.heartbeat import Heartbeat
from outbox.models.inbound import Inbound, Inbox, Returned

__all__ = [
    "Attempt",
    "Circuit",
    "Email",
    "EmailQuerySet",
    "Heartbeat",
    "Inbound",
    "Inbox",
    "NotInThatState",
    "NotThere",
    "Returned",
    "new_message_id",
]
