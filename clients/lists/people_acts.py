"""What can be done to several people at clients at once."""

from django import forms
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.forms import PlainForm
from accounts.lists.acts import Act
from clients.models import Contact


class PersonAct(Act):
    """Only the owner, team and managers of a client change its people."""

    def records(self, found):
        return found.select_related("client")

    def looked(self, records, *, by, choice):
        keys = [record.pk for record in records]
        return set(Contact.objects.writable_by(by).filter(pk__in=keys).values_list("pk", flat=True))

    def why_left(self, record, looked, choice):
        if self.is_so(record, choice):
            return "same"
        return "" if record.pk in looked else "locked"


class PartForm(PlainForm):
    new_part = forms.ChoiceField(
        label=__("Part in surveys"),
        choices=[("", __("Choose a part")), *Contact.SurveyPart.choices],
        error_messages={"required": __("Choose a part.")},
    )


class SetPart(PersonAct):
    name, label, mark, form = "part", __("Set part in surveys"), "clipboard-list", PartForm

    def is_so(self, record, choice):
        return record.survey_part == choice["new_part"]

    def state(self, record):
        return record.survey_part

    def apply(self, record, *, by, choice, now):
        _set(record, choice["new_part"])

    def restore(self, record, *, was, more, by, now):
        _set(record, was)

    def going(self, n, choice):
        words = ngettext("%(n)d becomes “%(part)s”.", "%(n)d become “%(part)s”.", n)
        return words % {"n": n, "part": Contact.SurveyPart(choice["new_part"]).label}

    def done(self, n, choice):
        words = ngettext("Set %(n)d to “%(part)s”.", "Set %(n)d to “%(part)s”.", n)
        return words % {"n": n, "part": Contact.SurveyPart(choice["new_part"]).label}


def _set(person, part):
    person.survey_part, person.version = part, person.version + 1
    person.save()


class MarkLeft(PersonAct):
    name, label, mark = "left", __("Left the client"), "log-out"

    def is_so(self, record, choice):
        return record.left_at is not None

    def state(self, record):
        return record.left_at.isoformat() if record.left_at else ""

    def apply(self, record, *, by, choice, now):
        record.leave(now=now)

    def restore(self, record, *, was, more, by, now):
        record.come_back()

    def going(self, n, choice):
        words = ngettext(
            "%(n)d is kept with all that was said, and no longer written to or asked.",
            "%(n)d are kept with all that was said, and no longer written to or asked.",
            n,
        )
        return words % {"n": n}

    def left(self, why, n, choice):
        if why == "same":
            return ngettext("%(n)d had left already.", "%(n)d had left already.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        words = ngettext("%(n)d no longer works there.", "%(n)d no longer work there.", n)
        return words % {"n": n}


class CameBack(MarkLeft):
    name, label, mark = "back", __("Came back"), "undo-2"

    def is_so(self, record, choice):
        return record.left_at is None

    def apply(self, record, *, by, choice, now):
        record.come_back()

    def restore(self, record, *, was, more, by, now):
        record.leave(now=now)

    def going(self, n, choice):
        return ngettext("%(n)d works there again.", "%(n)d work there again.", n) % {"n": n}

    def left(self, why, n, choice):
        if why == "same":
            return ngettext("%(n)d had not left.", "%(n)d had not left.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        return ngettext("%(n)d is back.", "%(n)d are back.", n) % {"n": n}


ACTS = (SetPart(), MarkLeft(), CameBack())
