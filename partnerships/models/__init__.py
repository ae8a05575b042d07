"""What keeps a partnership whole beside its promises."""

from partnerships.models.celebrations import Celebration, new_celebration_id
from partnerships.models.concerns import Concern, new_concern_id
from partnerships.models.events import ConcernEvent, ConcernMail
from partnerships.models.suggestions import Suggestion, new_suggestion_id
from partnerships.models.verbs import NotInThisState

__all__ = [
    "Celebration",
    "Concern",
    "ConcernEvent",
    "ConcernMail",
    "NotInThisState",
    "Suggestion",
    "new_celebration_id",
    "new_concern_id",
    "new_suggestion_id",
]
