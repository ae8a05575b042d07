"""What Django's system check says about the settings of the outbox."""

from django.conf import settings
from django.core.checks import Error, Tags, register

from outbox import inbound
from outbox.smtp import longest_try_seconds

MARGIN_SECONDS = 5


@register(Tags.compatibility)
def lease_outlives_the_longest_try(app_configs, **kwargs):
    """Otherwise a second worker could take a mail over while the first is still talking to the server."""
    needed = longest_try_seconds() + MARGIN_SECONDS
    if needed <= settings.OUTBOX_LEASE_SECONDS:
        return []
    return [
        Error(
            f"OUTBOX_LEASE_SECONDS is {settings.OUTBOX_LEASE_SECONDS:g}, "
            f"but with EMAIL_TIMEOUT={settings.EMAIL_TIMEOUT:g} one mail may take {needed:g} seconds.",
            hint="Raise OUTBOX_LEASE_SECONDS or lower EMAIL_TIMEOUT.",
            id="outbox.E001",
        )
    ]


@register(Tags.compatibility)
def backoff_is_a_list_of_times(app_configs, **kwargs):
    if settings.OUTBOX_BACKOFF_SECONDS and all(step > 0 for step in settings.OUTBOX_BACKOFF_SECONDS):
        return []
    return [Error("OUTBOX_BACKOFF_SECONDS needs at least one number above 0.", id="outbox.E002")]


@register(Tags.compatibility)
def the_mailbox_has_an_address(app_configs, **kwargs):
    problems = []
    for setting in inbound.MAILBOXES:
        try:
            inbound.configured(setting)
        except ValueError as problem:
            problems.append(Error(str(problem), id="outbox.E003"))
    return problems
