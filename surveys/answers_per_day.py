"""How many answered on each day of a round, as a small chart with its words."""

from collections import Counter
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quick import date_format
from promises.charts import element, num

MOST_DAYS = 60
STEP, WIDE, HEIGHT = 14, 10, 44


def answers_per_day(rows, round, *, calendar, now):
    """None until the first answer; one query."""
    if not round.launched_at:
        return None
    given = rows.filter(submitted_at__isnull=False).order_by()
    by_day = given.annotate(day=TruncDate("submitted_at", tzinfo=calendar.zone)).values_list("day")
    counts = Counter(dict(by_day.annotate(n=Count("pk"))))
    if not counts:
        return None
    last = min(
        calendar.local_date(round.closed_at or now), max(round.closes_on or calendar.local_date(now), max(counts))
    )
    first = min(calendar.local_date(round.launched_at), min(counts))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)][-MOST_DAYS:]
    most = max(counts.values())
    return {
        "svg": _columns([(day, counts[day]) for day in days], most, calendar),
        "first": days[0],
        "last": days[-1],
        "most": most,
        "words": ", ".join(
            _("%(day)s: %(n)d") % {"day": date_format(day, "D j M"), "n": counts[day]} for day in days if counts[day]
        ),
        "sum": ngettext("%(n)d answer", "%(n)d answers", sum(counts.values())) % {"n": sum(counts.values())},
    }


def _columns(days, most, calendar):
    bars = []
    for place, (day, n) in enumerate(days):
        height = max(2, HEIGHT * n / most) if n else 1
        kind = "b-them" if n else "b-track"
        words = f"{date_format(day, 'D j M')}: {n}"
        title = element("title", words)
        bars.append(
            element(
                "rect", title, class_=kind, x=place * STEP, y=num(HEIGHT - height), width=WIDE, height=num(height), rx=1
            )
        )
    width = len(days) * STEP
    return element("svg", *bars, class_="chart per-day", viewBox=f"0 0 {width} {HEIGHT}", width=width, height=HEIGHT,
                   aria_hidden="true")  # fmt: skip
