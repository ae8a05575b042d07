"""A round's answers as tables: long, one row an answer, and wide, one row a person. Read once, never held in memory.

Only what `Response.objects.readable_by` gives the reader. Missing is an empty cell, 0 is 0, and “can't say” says so.
"""

from itertools import groupby

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.spreadsheets import CHUNK
from clients.models import Contact
from surveys.models import Answer, Dimension, Question, Response
from surveys.questions import FALLBACK, answerable

READ = {
    "response_id": "response_id",
    "key": "key",
    "number": "number",
    "cant_say": "cant_say",
    "words": "words",
    "choices": "choices",
    "comment": "comment",
    "saved_at": "saved_at",
    "language": "response__language",
    "in_confidence": "response__in_confidence",
    "started_at": "response__started_at",
    "sent_at": "response__submitted_at",
    "contact": "response__invitation__contact__name",
    "part": "response__invitation__contact__survey_part",
    "client": "response__invitation__client__name",
    "owner": "response__invitation__client__owner__name",
}
LONG_WIDTHS = (16, 26, 22, 16, 20, 12, 10, 24, 9, 20, 20, 20, 9, 60, 9, 10, 50, 40, 30, 50, 17, 17)
WIDE_WIDTHS = (16, 26, 22, 16, 20, 12, 10, 24, 9, 17, 17, 17, 24)
QUESTION_WIDTHS = (20, 24, 24, 10, 10, 60)


def answers_of(round, user):
    """The answers of a round this person may read, person after person, by client; one query, read as it is written."""
    readable = Response.objects.readable_by(user).filter(invitation__round=round)
    found = Answer.objects.filter(response__in=readable, set_aside=False)
    found = found.order_by(
        "response__invitation__client__search_text", "response__invitation__client", "response", "pk"
    )
    named = {name: F(path) for name, path in READ.items() if name != path}
    plain = [name for name, path in READ.items() if name == path]
    return found.values(*plain, **{f"read_{name}": path for name, path in named.items()}).iterator(chunk_size=CHUNK)


def count_of(round, user):
    """(how many rows a long table has, how many a wide one has): before it is made."""
    readable = Response.objects.readable_by(user).filter(invitation__round=round)
    found = Answer.objects.filter(response__in=readable, set_aside=False)
    return found.count(), found.values("response").distinct().count()


class Answers:
    """One round's answers for one reader, with every word looked up now, while the reader's language is known."""

    def __init__(self, round, user):
        self.round, self.user = round, user
        self.zone = timezone.get_current_timezone()
        content = round.snapshot or {}
        self.head = [content.get("questionnaire", round.questionnaire.name), content.get("version")]
        self.order = {question.key: n for n, question in enumerate(round.asked)}
        self.asked = answerable(round.asked)
        self.by_language = {}
        self.yes, self.no, self.cant_say = str(_("yes")), str(_("no")), str(_("can’t say"))
        self.kinds = {value: str(label) for value, label in Question.Kind.choices}
        self.dimensions = {value: str(label) for value, label in Dimension.choices}
        self.parts = {value: str(label) for value, label in Contact.SurveyPart.choices}

    # ---------------------------------------------------------------- the tables

    def long_heads(self):
        return [
            *self._who_heads(), _("Key"), _("Dimension"), _("Kind"), _("Reversed"), _("As asked"), _("Number"),
            _("Can’t say"), _("Words"), _("Choices"), _("Keys of the choices"), _("Comment"), _("Saved"), _("Sent"),
        ]  # fmt: skip

    def long_rows(self):
        for answers in self._people():
            who = self._who(answers[0])
            for answer in answers:
                yield [*who, *self._long(answer)]

    def wide_heads(self):
        heads = [*self._who_heads(), _("Begun"), _("Saved"), _("Sent")]
        for question in self.asked:
            heads += [f"{question.key}: {words}" for _part, words in self._columns(question)]
        return heads

    def wide_rows(self):
        for answers in self._people():
            first, given = answers[0], {answer["key"]: answer for answer in answers}
            row = [*self._who(first), self._there(first["read_started_at"])]
            row += [self._there(max(answer["saved_at"] for answer in answers)), self._there(first["read_sent_at"])]
            for question in self.asked:
                answer = given.get(question.key)
                row += [self._cell(question, part, answer) for part, _words in self._columns(question)]
            yield row

    def question_heads(self):
        languages = self.round.languages_offered
        return [_("Key"), _("Dimension"), _("Kind"), _("Reversed"), _("Required"), *languages]

    def question_rows(self):
        """What stands behind the keys: each question as it was worded in every language it was asked in."""
        worded = [self._asked_in(code) for code in self.round.languages_offered]
        for question in self.asked:
            yield [
                question.key, self.dimensions.get(question.dimension, ""), self.kinds[question.kind],
                self._said(question.reverse), self._said(question.required),
                *(questions[question.key].text for questions in worded),
            ]  # fmt: skip

    # ---------------------------------------------------------------- their parts

    def _people(self):
        for _response, answers in groupby(answers_of(self.round, self.user), key=lambda one: one["response_id"]):
            yield sorted(answers, key=lambda one: self.order.get(one["key"], len(self.order)))

    def _who_heads(self):
        return [
            _("Round"), _("Client"), _("Owner"), _("Contact"), _("Part played"), _("In confidence"), _("Language"),
            _("Questionnaire"), _("Version"),
        ]  # fmt: skip

    def _who(self, answer):
        return [
            self.round.name, answer["read_client"], answer["read_owner"], answer["read_contact"],
            self.parts.get(answer["read_part"], ""), self._said(answer["read_in_confidence"]), answer["read_language"],
            *self.head,
        ]  # fmt: skip

    def _long(self, answer):
        question = self._asked_in(answer["read_language"]).get(answer["key"])
        return [
            answer["key"], self.dimensions.get(question.dimension, "") if question else "",
            self.kinds[question.kind] if question else "", self._said(bool(question and question.reverse)),
            question.text if question else "", answer["number"], self.yes if answer["cant_say"] else "",
            answer["words"],
            self._chosen(question, answer), ", ".join(answer["choices"]) if question and question.options else "",
            answer["comment"], self._there(answer["saved_at"]), self._there(answer["read_sent_at"]),
        ]  # fmt: skip

    def _asked_in(self, language):
        """{key: the question as somebody answering in that language read it}."""
        if language not in self.by_language:
            self.by_language[language] = {question.key: question for question in self.round.asked_in(language)}
        return self.by_language[language]

    def _chosen(self, question, answer):
        """The choices in the words they were read in; yes and no in the reader's."""
        said = (question and question.options) or {"yes": self.yes, "no": self.no}
        return "; ".join(said.get(key, key) for key in answer["choices"] if key)

    def _columns(self, question):
        """(part, head) of the columns of one question in the wide table."""
        more = {
            "scale": [("comment", _("comment"))],
            "call": [("words", _("number to call")), ("comment", _("when"))],
        }
        return [("answer", question.text), *more.get(question.kind, [])]

    def _cell(self, question, part, answer):
        if answer is None:
            return None
        if part != "answer":
            return answer[part] or None
        if question.is_scale:
            return self.cant_say if answer["cant_say"] else answer["number"]
        if question.kind == "text":
            return answer["words"] or None
        # In the wide table every row has the same words for the same answer: the English ones.
        return self._chosen(self._asked_in(FALLBACK)[question.key], answer) or None

    def _said(self, yes):
        return self.yes if yes else self.no

    def _there(self, moment):
        return moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if moment else None


SHAPES = ("long", "wide")


def table(answers, shape):
    """(heads, rows, widths) of one of the two shapes."""
    if shape == "long":
        return answers.long_heads(), answers.long_rows(), LONG_WIDTHS
    return answers.wide_heads(), answers.wide_rows(), WIDE_WIDTHS
