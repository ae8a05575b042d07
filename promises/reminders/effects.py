"""What the settings about promises do, said with the dates of one example: agreed now, due in two weeks."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quick import date_format
from accounts.worktime import Calendar
from promises.notice import last_early_moment

LEAD = 14  # days; the example is due on a Friday


def effects(workspace, now):
    """A sentence for each setting, by field, in the firm's own working time."""
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    example = Example(workspace, calendar, now)
    named = {name: _day(day) for name, day in example.days.items()}
    named["early_until"] = date_format(example.early_until.astimezone(calendar.zone), "l j F, H:i")
    return {
        "early_share": _("Agreed now for %(due)s, a promise can be moved early until %(early_until)s.") % named,
        "silence_days": _("Delivered today and nothing heard, it counts as kept, unconfirmed, after %(silence)s.")
        % named,
        "broken_after_days": _(
            "Due on %(due)s and not done, it counts as broken from %(counts)s, and is closed as broken on %(broken)s."
        )
        % named,
        "correction_minutes": _correction(workspace.correction_minutes),
        "word_before_days": _("Its owner is asked on %(word)s: on track, or move it while that is early?") % named,
        "owner_after_days": _("Due on %(due)s and not done, its owner hears on %(choose)s: done, moved or broken?")
        % named,
        "manager_after_days": _(
            "A manager hears of it in their digest of %(manager)s; of a critical one on %(critical)s."
        )
        % named,
        "answer_within_days": _("Offered today and not answered, its owner hears on %(answer)s: ask by when.") % named,
        "quiet_from": _quiet(workspace),
        "remind_clients": _clients(workspace),
    }


class Example:
    """The days of one promise under these settings."""

    def __init__(self, workspace, calendar, now):
        today = calendar.local_date(now)
        friday = today + timedelta(days=LEAD + (4 - today.weekday()) % 7)
        due_at = timezone.make_aware(datetime.combine(friday, time(17)), calendar.zone)
        self.early_until = last_early_moment(now, due_at, calendar, **workspace.early_rule)
        word = calendar.local_date(self.early_until)

        def after(day, days):
            return calendar.working_day_after(day, days)

        self.days = {
            "due": friday,
            "word": after(word, -workspace.word_before_days) if workspace.word_before_days else word,
            "choose": after(friday, workspace.owner_after_days),
            "critical": after(friday, workspace.manager_after_days_critical),
            "manager": after(friday, workspace.manager_after_days),
            "counts": after(friday, workspace.broken_after_days + 1),
            "broken": after(friday, 2 * workspace.broken_after_days),
            "silence": after(today, workspace.silence_days),
            "answer": after(today, workspace.answer_within_days),
        }


def _day(day):
    return date_format(day, "l j F")


def _correction(minutes):
    if not minutes:
        return _("What is written down stands at once: a typing mistake is a new date to agree.")
    return ngettext(
        "A typing mistake can be put right for %(n)d minute after it was written down.",
        "A typing mistake can be put right for %(n)d minutes after it was written down.",
        minutes,
    ) % {"n": minutes}


def _quiet(workspace):
    start, end = workspace.quiet_from, workspace.quiet_until
    if start == end:
        return _("Mail at once goes out at any hour.")
    return _(
        "What happens from %(start)s on is mailed at %(end)s, on each person’s own clock, if it still stands then."
    ) % {"start": start.strftime("%H:%M"), "end": end.strftime("%H:%M")}


def _clients(workspace):
    if not workspace.remind_clients:
        return _("A reminder to who promised us something is drafted, and goes out when its owner sends it.")
    words = _("Who promised us something is reminded by itself, at most twice.")
    if days := workspace.contact_gap_days:
        words += " " + ngettext(
            "Not within %(days)d working day of another automatic mail.",
            "Not within %(days)d working days of another automatic mail.",
            days,
        ) % {"days": days}
    return words
