"""What answers and beliefs come to, client by client."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from clients.models import Client
from surveys.models.rounds import Round

GOOD_WORD = 0.85  # share of our promises kept, from which on our record is good
LEAST_DUE = 3  # promises that fell due, before a record says anything


class ResultQuerySet(models.QuerySet):
    def mark_stale(self, *, round_id, client_ids):
        """Notes that something about these clients changed; whoever computes results starts from here."""
        # Rows that are stale already are written too: this waits for whoever is computing them at this moment.
        self.bulk_create(
            [Result(round_id=round_id, client_id=pk, stale=True) for pk in sorted(set(client_ids))],
            update_conflicts=True,
            unique_fields=["round", "client"],
            update_fields=["stale"],
        )

    def visible_to(self, user):
        return self if user.is_manager else self.exclude(client__in=Client.objects.hidden_from(user))

    def readable_by(self, user):
        """Whose numbers this person may read, by the rule of single answers.

        Not where they owe a belief, and, managers apart, not where somebody answered in confidence.
        """
        found = self.visible_to(user) if user.is_manager else self.visible_to(user).filter(in_confidence=0)
        owed = self._owed_by(user)
        return found.exclude(self._of(owed)) if owed else found

    def _owed_by(self, user):
        from surveys.models.beliefs import Belief

        return list(Belief.objects.owed_by(user).values_list("round", "client"))

    @staticmethod
    def _of(pairs):
        found = Q(pk__in=[])
        for round_id in {pair[0] for pair in pairs}:
            found |= Q(round=round_id, client__in=[client for other, client in pairs if other == round_id])
        return found

    def compared(self):
        """Both sides known."""
        return self.filter(gap__isnull=False)

    def wide(self):
        """Notable or serious."""
        return self.filter(level__in=["notable", "serious"])

    def lower(self):
        """They rate us lower than we think."""
        return self.wide().filter(gap__gt=0)

    def higher(self):
        return self.wide().filter(gap__lt=0)

    def silent(self):
        """Asked, and nobody there has answered."""
        return self.filter(answered=0, invited__gt=0)

    def unverified(self):
        """We had said what we believe, and nobody there has answered."""
        return self.filter(answered=0, we_believe__isnull=False)

    def no_opinion(self):
        """They answered, and nobody of us had said what they believed."""
        return self.filter(answered__gt=0, we_believe=None)

    def asks_word(self, *, cut):
        """Our records say that we keep our word, and they do not: what did we promise that is not written down?"""
        kept = Q(word_kept__gte=F("word_due") * GOOD_WORD, word_due__gte=LEAST_DUE)
        return self.filter(kept, promises_say__lt=cut)


class Result(models.Model):
    """One client in one round, computed from answers and sealed beliefs whenever either changes.

    A cache of `surveys.gap`, never typed in: lists and the overview read it, so that they cost the same for any number
    of answers. All scores are on 0–10; null means not known.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="results")
    client = models.ForeignKey(Client, models.CASCADE, related_name="results")
    invited = models.PositiveIntegerField(default=0)  # N: invited and deliverable
    answered = models.PositiveIntegerField(default=0)  # n
    they_say = models.FloatField(null=True, blank=True)  # C of the client index
    we_believe = models.FloatField(null=True, blank=True)  # F
    gap = models.FloatField(null=True, blank=True)  # G = F − C, positive: we think better than they do
    se = models.FloatField(null=True, blank=True)
    level = models.CharField(max_length=8, blank=True)  # aligned, notable, serious
    confirmed = models.BooleanField(default=False)
    distance = models.FloatField(null=True, blank=True)  # mean |G_d|
    worst = models.FloatField(null=True, blank=True)
    worst_dimension = models.CharField(max_length=16, blank=True)
    in_confidence = models.PositiveIntegerField(default=0)  # answers among them that only managers may read
    # By dimension: c, f, gap, se, low, high, level, confirmed, n.
    dimensions = models.JSONField(default=dict, blank=True)
    lowest_recommend = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_for_call = models.BooleanField(default=False)
    priority_tier = models.PositiveSmallIntegerField(default=9)
    priority = models.FloatField(default=0)
    priority_parts = models.JSONField(default=list, blank=True)
    why = models.CharField(max_length=400, blank=True)
    whys = models.JSONField(default=dict, blank=True)  # the same in the other languages we read: {"de": "…"}
    # What the people there said, as the summary of the round adds it up; see results.py.
    voices = models.JSONField(default=dict, blank=True, editable=False)
    word_kept = models.PositiveIntegerField(default=0)  # of our promises due in the year before it was computed
    word_due = models.PositiveIntegerField(default=0)
    promises_say = models.FloatField(null=True, blank=True)  # their rating of promise keeping
    word_apart = models.FloatField(null=True, blank=True)  # our record on 0–10 minus that rating
    stale = models.BooleanField(default=False)  # something changed since it was computed
    computed_at = models.DateTimeField(null=True, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "client"], name="result_once")]
        indexes = [
            models.Index(fields=["round", "priority_tier", "-priority"], name="result_call_first"),
            models.Index(fields=["round", "-gap"], name="result_by_gap"),
            # Everything the overview counts: its first sentence, who has answered, who is silent.
            models.Index(
                fields=["round", "level", "confirmed", "gap", "answered", "invited", "client"], name="result_by_level"
            ),
            models.Index(fields=["round"], condition=Q(stale=True), name="result_stale"),
            models.Index(fields=["round", "-word_apart"], name="result_by_word"),
            models.Index(fields=["round", "computed_at"], name="result_by_age"),
        ]

    def __str__(self):
        return f"{self.client}, {self.round}"

    @property
    def why_in_words(self):
        """Why this place, in the reader's language."""
        return self.whys.get(get_language()) or self.why
