"""What keeps a partnership whole beside its promises."""

from partnerships.models.concerns import Concern, ConcernEvent, ConcernMail, NotInThisState, new_concern_id
from partnerships.models.suggestions import Suggestion, new_suggestion_id

__all__ = [
    "Concern",
    "ConcernEvent",
    "ConcernMail",
    "NotInThisState",
    "Suggestion",
    "new_concern_id",
    "new_suggestion_id",
]
