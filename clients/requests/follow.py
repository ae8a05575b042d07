"""What follows for requests when an entry is taken away."""

from clients.models.client import NotAllowed


def entry_removed(interaction, *, by, now):
    """What was answered by this entry and by nothing else waits again, while that can be undone."""
    from clients.models import RequestEvent

    told = RequestEvent.objects.filter(interaction=interaction, kind=RequestEvent.Kind.ANSWERED)
    for event in told.select_related("request__client"):
        request, last = event.request, event.request.last_end()
        if request.is_waiting or request.deleted_at or last is None or last.pk != event.pk:
            continue
        try:
            request.reopen(by=by, now=now)
        except NotAllowed:  # more than a day ago, or somebody changed it meanwhile
            continue
