"""What the settings about clearing the air do, said with the dates of one case opened now."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quick import date_format
from accounts.worktime import Calendar
from partnerships import targets


class _Firm:
    """Somebody who works as the firm does."""

    def __init__(self, workspace):
        self.workspace = workspace

    def calendar(self):
        return Calendar(zone=self.workspace.time_zone, country=self.workspace.country)


def effects(workspace, now):
    firm = _Firm(workspace)
    call, talk = targets.due_dates(firm, now=now, asked_for_call=True, workspace=workspace)
    contact, _talk = targets.due_dates(firm, now=now, asked_for_call=False, workspace=workspace)
    zone = firm.calendar().zone
    known = {
        "call": date_format(call.astimezone(zone), "l j F, H:i"),
        "contact": date_format(contact.astimezone(zone), "l j F, H:i"),
        "talk": date_format(talk.astimezone(zone), "l j F, H:i"),
        "ask": date_format(targets.ask_on(firm, now=now, workspace=workspace), "l j F"),
    }
    return {
        "case_contact_days": _(
            "A client who is unhappy today is spoken with by %(contact)s, one who asks for a call by %(call)s, and the "
            "talk is held by %(talk)s. What is late is in the digest of whoever leads it, then in the managers’."
        )
        % known,
        "ask_cleared_after_days": _("Resolved today, they are asked on %(ask)s: have we cleared this up?") % known,
        "recurrence_months": ngettext(
            "The same kind of cause at the same client within %(n)d month is marked, and managers hear of it.",
            "The same kind of cause at the same client within %(n)d months is marked, and managers hear of it.",
            workspace.recurrence_months,
        )
        % {"n": workspace.recurrence_months},
    }
