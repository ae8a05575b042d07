"""What can be done to several requests at once."""

from django import forms
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.forms import PlainForm
from accounts.lists.acts import Act, Left
from accounts.models import User
from clients.lists.client_acts import ToForm
from clients.models import Client, Request, RequestError


class RequestAct(Act):
    def records(self, found):
        return found.select_related("client", "assignee")

    def looked(self, records, *, by, choice):
        keys = [record.pk for record in records]
        return set(Request.objects.writable_by(by).filter(pk__in=keys).values_list("pk", flat=True))

    def why_left(self, record, looked, choice):
        if not record.is_waiting:
            return "ended"
        return "" if record.pk in looked else "locked"

    def left(self, why, n, choice):
        if why == "ended":
            return ngettext("%(n)d waits no more.", "%(n)d wait no more.", n) % {"n": n}
        return super().left(why, n, choice)


class HandOver(RequestAct):
    name, label, mark, form = "hand-over", __("Hand over"), "users", ToForm

    def looked(self, records, *, by, choice):
        clients = {record.client_id for record in records}
        hidden = Client.objects.hidden_from(choice["to"]).filter(pk__in=clients)
        return super().looked(records, by=by, choice=choice), set(hidden.values_list("pk", flat=True))

    def why_left(self, record, looked, choice):
        writable, hidden = looked
        if record.is_waiting and record.assignee_id == choice["to"].pk:
            return "same"
        return super().why_left(record, writable, choice) or ("hidden" if record.client_id in hidden else "")

    def state(self, record):
        return [record.assignee.public_id, record.is_waiting]

    def apply(self, record, *, by, choice, now):
        try:
            record.hand_over(to=choice["to"], by=by, now=now)
        except RequestError:
            raise Left("ended") from None

    def restore(self, record, *, was, more, by, now):
        to = User.objects.active().filter(public_id=was[0]).first()
        if to is None:
            raise Left("left us")
        try:
            record.hand_over(to=to, by=by, now=now, told=False)
        except RequestError:
            raise Left("changed") from None

    def going(self, n, choice):
        known = {"n": n, "name": choice["to"].first_name}
        return ngettext("%(n)d goes to %(name)s.", "%(n)d go to %(name)s.", n) % known

    def left(self, why, n, choice):
        known = {"n": n, "name": choice["to"].first_name} if choice else {"n": n, "name": ""}
        if why == "same":
            return ngettext("%(n)d was already %(name)s’s.", "%(n)d were already %(name)s’s.", n) % known
        if why == "hidden":
            return ngettext("%(n)d %(name)s may not see.", "%(n)d %(name)s may not see.", n) % known
        return super().left(why, n, choice)

    def done(self, n, choice):
        return ngettext("Handed %(n)d to %(name)s.", "Handed %(n)d to %(name)s.", n) % {
            "n": n, "name": choice["to"].first_name,
        }  # fmt: skip


class WhyForm(PlainForm):
    why_none = forms.CharField(label=__("Why (if you like)"), max_length=200, required=False)


class NoReply(RequestAct):
    name, label, mark, form = "no-reply", __("No reply needed"), "circle-slash", WhyForm

    def state(self, record):
        return [record.closed_how, record.is_waiting]

    def apply(self, record, *, by, choice, now):
        try:
            record.no_reply(by=by, now=now, why=choice["why_none"])
        except RequestError:
            raise Left("ended") from None

    def restore(self, record, *, was, more, by, now):
        try:
            record.reopen(by=by, now=now)
        except RequestError:
            raise Left("changed") from None

    def going(self, n, choice):
        words = ngettext(
            "%(n)d is closed without a reply, and counts in no figure.",
            "%(n)d are closed without a reply, and count in no figure.",
            n,
        )
        return words % {"n": n}

    def done(self, n, choice):
        return ngettext("Closed %(n)d without a reply.", "Closed %(n)d without a reply.", n) % {"n": n}


ACTS = (HandOver(), NoReply())
