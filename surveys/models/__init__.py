"""The annual survey: what is asked, whom, what we believed beforehand, what they said."""

from surveys.models.beliefs import Belief, new_belief_id
from surveys.models.followups import Case, TakenUp, YouSaid
from surveys.models.invitations import Invitation, InvitationMessage, RoundMail, SomebodyElse, new_invitation_id
from surveys.models.questionnaires import Dimension, Question, Questionnaire, QuestionnaireVersion
from surveys.models.responses import Answer, EarlierAnswer, Response
from surveys.models.results import Result
from surveys.models.rounds import NotPossibleNow, Round, RoundEvent, new_round_id

__all__ = [
    "Answer",
    "Belief",
    "Case",
    "Dimension",
    "EarlierAnswer",
    "Invitation",
    "InvitationMessage",
    "NotPossibleNow",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "Result",
    "Round",
    "RoundEvent",
    "RoundMail",
    "SomebodyElse",
    "TakenUp",
    "YouSaid",
    "new_belief_id",
    "new_invitation_id",
    "new_round_id",
]
