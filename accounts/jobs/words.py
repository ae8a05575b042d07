"""What kinds of long work there are; rooms register theirs."""

from collections.abc import Callable
from dataclasses import dataclass


def anybody(_job, _user):
    return ""


def no_address(_job):
    return ""


@dataclass(frozen=True)
class Kind:
    """`refused(job, user)` says in words why its file may not be had any more; `address(job)` where its report is."""

    what: str
    run: Callable
    refused: Callable = anybody
    address: Callable = no_address


_kinds = {}


def register(what, run, *, refused=anybody, address=no_address):
    """Let the worker do `run(job)` for jobs of this name."""
    _kinds[what] = Kind(what, run, refused, address)


def kind_of(job):
    """None for a job of a kind that a newer or older version knew."""
    return _kinds.get(job.what)
