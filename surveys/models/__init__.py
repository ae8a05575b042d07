"""The annual survey: what is asked, whom, what we believed beforehand, what they said."""

from surveys.models.beliefs import Belief, new_belief_id
from surveys.models.invitations import Invitation, InvitationMessage, RoundMail, new_invitation_id
from surveys.models.questionnaires import Dimension, Question, Questionnaire
from surveys.models.responses import Answer, EarlierAnswer, Response
from surveys.models.results import Result
from surveys.models.rounds import NotPossibleNow, Round, RoundEvent, new_round_id

__all__ = [
    "Answer",
    "Belief",
    "Dimension",
    "EarlierAnswer",
    "Invitation",
    "InvitationMessage",
    "NotPossibleNow",
    "Question",
    "Questionnaire",
    "Response",
    "Result",
    "Round",
    "RoundEvent",
    "RoundMail",
    "new_belief_id",
    "new_invitation_id",
    "new_round_id",
]
