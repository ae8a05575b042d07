"""Quiet hours, as they hold for all mail at once."""

from accounts.quiet import quiet_until

__all__ = ["quiet_until"]
