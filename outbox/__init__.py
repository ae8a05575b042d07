"""Every e-mail as a row, written once and delivered by the worker."""

from outbox.nudge import poke

__all__ = ["poke"]
