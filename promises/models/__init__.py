"""Promises, what happened to them, how their terms were moved, and the mail they caused."""

from promises.models.bulk import BulkAct
from promises.models.event import PromiseEvent
from promises.models.feed import CalendarFeed
from promises.models.letter import Letter
from promises.models.mail import DigestMail, PromiseMail
from promises.models.promise import Promise
from promises.models.queryset import PromiseQuerySet
from promises.models.reminder import Reminder
from promises.models.renegotiation import Renegotiation
from promises.models.terms import Terms
from promises.models.word import DigestWord
from promises.models.words import (
    AgreedHow,
    AlreadyAsked,
    DateGone,
    DateInThePast,
    Direction,
    DoneBefore,
    HowMissing,
    NotActive,
    NotAllowed,
    NotAsked,
    NotDelivered,
    NotNow,
    NotOffered,
    NotYours,
    OfferOver,
    PromiseError,
    Reason,
    ReasonMissing,
    SameTerms,
    SnoozeRefused,
    Timing,
    TooFarBack,
    TooLateToCorrect,
)

__all__ = [
    "AgreedHow",
    "AlreadyAsked",
    "BulkAct",
    "CalendarFeed",
    "DateGone",
    "DateInThePast",
    "DigestMail",
    "DigestWord",
    "Direction",
    "DoneBefore",
    "HowMissing",
    "Letter",
    "NotActive",
    "NotAllowed",
    "NotAsked",
    "NotDelivered",
    "NotNow",
    "NotOffered",
    "NotYours",
    "OfferOver",
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
    "SnoozeRefused",
    "Terms",
    "Timing",
    "TooFarBack",
    "TooLateToCorrect",
]
