"""The word triangle of every client: what our records say, what we believed, and how they rate our promise keeping."""

from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse

from promises.outcomes import Share
from surveys.models import Result
from surveys.models.results import GOOD_WORD, LEAST_DUE
from surveys.numbers import plain
from surveys.reading import gap_from

DIMENSION = "promises"


def listed(round, user, *, door, asks=False, cut):
    """The results that say something of it, where our records are furthest above their rating first."""
    found = Result.objects.visible_to(user).filter(round=round)
    found = found.asks_word(cut=cut) if asks else found.filter(word_apart__isnull=False)
    shut = door.closed
    found = found.exclude(shut) if shut else found
    return found.order_by(F("word_apart").desc(nulls_last=True), "client__search_text", "pk")


@dataclass(frozen=True)
class Line:
    result: Result
    cut: float

    @property
    def client(self):
        return self.result.client

    @property
    def url(self):
        return f"{reverse('gap', args=[self.client.public_id])}?round={self.result.round.public_id}"

    @property
    def share(self):
        return Share(self.result.word_kept, self.result.word_due)

    @property
    def we(self):
        gap = gap_from(self.result.dimensions.get(DIMENSION))
        return "" if gap.we_believe is None else plain(gap.we_believe)

    @property
    def they(self):
        return plain(self.result.promises_say)

    @property
    def asks(self):
        """Kept by our records, and not by theirs."""
        result = self.result
        return (
            result.word_due >= LEAST_DUE
            and result.word_kept >= GOOD_WORD * result.word_due
            and result.promises_say < self.cut
        )


def lines(ids, *, round, cut):
    rows = {}
    for result in Result.objects.filter(pk__in=ids).select_related("client__owner").defer("voices", "priority_parts"):
        result.round = round
        rows[result.pk] = Line(result, cut)
    return [rows[pk] for pk in ids if pk in rows]
