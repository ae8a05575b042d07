"""Promises, what happened to them, how their terms were moved, and the mail they caused."""

from promises.models.bulk import BulkAct
from promises.models.event import PromiseEvent
from promises.models.feed import CalendarFeed
from promises.models.letter import Letter
from promises.models.mail import DigestMail, PromiseMail
from promises.models.promise import Promise, PromiseQuerySet
from promises.models.reminder import Reminder
from promises.models.renegotiation import Renegotiation
from promises.models.words import (
    AgreedHow,
    AlreadyAsked,
    DateInThePast,
    Direction,
    NotActive,
    NotAllowed,
    NotDelivered,
    NotNow,
    PromiseError,
    Reason,
    ReasonMissing,
    SameTerms,
    Timing,
    TooFarBack,
    TooLateToCorrect,
)

__all__ = [
    "AgreedHow",
    "AlreadyAsked",
    "BulkAct",
    "CalendarFeed",
    "DateInThePast",
    "DigestMail",
    "Direction",
    "Letter",
    "NotActive",
    "NotAllowed",
    "NotDelivered",
    "NotNow",
    "Promise",
    "PromiseError",
    "PromiseEvent",
    "PromiseMail",
    "PromiseQuerySet",
    "Reason",
    "ReasonMissing",
    "Reminder",
    "Renegotiation",
    "SameTerms",
    "Timing",
    "TooFarBack",
    "TooLateToCorrect",
]
