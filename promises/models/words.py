"""The words promises are told in: choices, and the named ways in which a verb can be refused."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from promises.notice import Timing

__all__ = ["Timing"]  # how early the other side heard, measured against the terms in force


class Direction(models.TextChoices):
    OURS = "ours", _("We promised")
    THEIRS = "theirs", _("They promised")


class Reason(models.TextChoices):
    """Why a promise was late, broken or moved."""

    PROMISED_TOO_MUCH = "promised_too_much", _("We promised too much")
    WAITED_ON_CLIENT = "waited_on_client", _("Waited on the client")
    WAITED_ON_US = "waited_on_us", _("Waited on somebody of ours")
    THIRD_PARTY = "third_party", _("A third party")
    PRIORITIES = "priorities", _("Priorities changed")
    UNCLEAR = "unclear", _("Unclear what done means")
    FORGOT = "forgot", _("Forgot")
    ABSENCE = "absence", _("Absence")
    SCOPE_GREW = "scope_grew", _("The scope grew")


class AgreedHow(models.TextChoices):
    """How the other side said yes."""

    CALL = "call", _("In a call")
    MEETING = "meeting", _("In a meeting")
    WRITTEN = "written", _("In writing")
    CLICK = "click", _("On their page")

    @classmethod
    def recorded(cls):
        """The ways one of us can write down; a click is only ever theirs."""
        return [choice for choice in cls.choices if choice[0] != cls.CLICK]


class PromiseError(Exception):
    """A verb was refused. `words` is the sentence people read."""

    words = _("This could not be done.")

    def __init__(self, promise=None, words=None):
        self.promise = promise
        if words:
            self.words = words
        super().__init__(str(self.words))


class NotActive(PromiseError):
    """Somebody was faster: the promise is no longer open."""

    words = _("Somebody changed this promise before you. This is how it stands now.")


class NotDelivered(PromiseError):
    words = _("Nothing is waiting for an answer here any more. This is how it stands now.")


class NotNow(PromiseError):
    """The verb does not fit the state or came after its time."""

    words = _("This is no longer possible.")


class NotAllowed(PromiseError):
    words = _("This is for managers.")


class NotYours(PromiseError):
    """The other side tried to say what is ours to say, or the side that asked answered itself."""

    words = _("It is for the other side to answer that.")


class NotAsked(NotNow):
    """The request was answered or taken back meanwhile."""

    words = _("This request was answered or taken back before you. This is how it stands now.")


class DateGone(PromiseError):
    words = _("The date they were asked about has passed. Ask for another one.")


class NotOffered(PromiseError):
    """The offer was answered, changed or taken back meanwhile."""

    words = _("This offer was changed or answered before you. This is how it stands now.")


class OfferOver(PromiseError):
    words = _("The date on offer has passed. Offer another one.")


class HowMissing(PromiseError):
    words = _("Say how they agreed.")


class SnoozeRefused(PromiseError):
    words = _("It can be put off three times, and never beyond its due.")


class TooFarBack(PromiseError):
    words = _("It can be at most three working days back.")


class DoneBefore(TooFarBack):
    """The story says that it was not done by then."""

    words = _("The story says it was not done by then: it was disputed, moved or opened again later.")


class TooLateToCorrect(PromiseError):
    words = _("Typing mistakes can be corrected for a short while only. After that, ask to move the date.")


class ReasonMissing(PromiseError):
    words = _("Say why.")


class DateInThePast(PromiseError):
    words = _("Choose a moment that is still ahead.")


class SameTerms(PromiseError):
    words = _("Choose another date than the one agreed now.")


class AlreadyAsked(PromiseError):
    words = _("There is an open request to move this promise. Answer that one first.")
