"""What kinds of long work there are; rooms register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _


def anybody(_job, _user):
    return ""


def no_address(_job):
    return ""


@dataclass(frozen=True)
class Kind:
    """`refused(job, user)` says in words why its file may not be had any more; `address(job)` where its report is.

    Work that is `whole` is done in one transaction: ended early, nothing of it stands.
    """

    what: str
    run: Callable
    refused: Callable = anybody
    address: Callable = no_address
    whole: bool = False

    @property
    def what_stands(self):
        """After it was stopped or failed."""
        return _("Nothing was written.") if self.whole else _("What was done until then stands.")


_kinds = {}


def register(what, run, *, refused=anybody, address=no_address, whole=False):
    """Let the worker do `run(job)` for jobs of this name."""
    _kinds[what] = Kind(what, run, refused, address, whole)


def kind_of(job):
    """None for a job of a kind that a newer or older version knew."""
    return _kinds.get(job.what)
