"""Mail in the mailbox that says what became of ours."""

from django.utils.translation import gettext as _

from outbox import inbound, reports, returned


def handle(mail, now):
    """Reads a report. In words what came of it; "" for what is no report, or about no mail of ours."""
    found = [returned.record(one, source="mailbox", key=mail.key, now=now) for one in reports.read(mail.raw)]
    if any(outcome != returned.UNKNOWN for outcome in found):
        return _("A report about returned mail: %(what)s") % {"what": ", ".join(found)}
    return ""


def register():
    """Called when the app starts."""
    inbound.register(handle)
