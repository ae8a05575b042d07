"""Would they recommend us: the net promoter score, with an interval that is honest for few answers. Pure."""

from dataclasses import dataclass
from math import sqrt

MIN_PERCENTAGES = 5
MIN_HEADLINE = 10
Z = 1.96


@dataclass(frozen=True)
class Recommend:
    """Promoters (9–10), passives (7–8) and detractors (0–6) among those who answered."""

    promoters: int = 0
    detractors: int = 0
    answered: int = 0

    @property
    def passives(self):
        return self.answered - self.promoters - self.detractors

    @property
    def percentages(self):
        """(promoters, passives, detractors) in whole percent; None below five answers."""
        if self.answered < MIN_PERCENTAGES:
            return None
        return tuple(round(100 * x / self.answered) for x in (self.promoters, self.passives, self.detractors))

    @property
    def score(self):
        """The headline, −100…100; None below ten answers."""
        if self.answered < MIN_HEADLINE:
            return None
        return _whole((self.promoters - self.detractors) / self.answered)

    @property
    def interval(self):
        """The 95% interval (low, high) within −100…100 by the adjusted Wald method; None below ten answers.

        m = n + 3, p = (P + ¾)/m, d = (D + ¾)/m, p − d ± 1.96·√((p + d − (p − d)²)/m) (Rocks 2016).
        """
        if self.answered < MIN_HEADLINE:
            return None
        m = self.answered + 3
        p, d = (self.promoters + 0.75) / m, (self.detractors + 0.75) / m
        reach = Z * sqrt((p + d - (p - d) ** 2) / m)
        return _whole(max(-1, p - d - reach)), _whole(min(1, p - d + reach))


def recommend(answers):
    """The Recommend of a list of answers 0…10; None (can't say, not answered) is left out."""
    given = [answer for answer in answers if answer is not None]
    return Recommend(sum(a >= 9 for a in given), sum(a <= 6 for a in given), len(given))


def _whole(share):
    return round(100 * share)
