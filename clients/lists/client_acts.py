"""What can be done to several clients at once."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.forms import PlainForm
from accounts.lists.acts import Act, Left
from accounts.models import User
from clients import handover
from clients.forms import MOST_TAGS
from clients.models import Client, NotAllowed


def writable(records, by):
    """Keys of those this person may change, in one query."""
    keys = [record.pk for record in records]
    return set(Client.objects.writable_by(by).filter(pk__in=keys).values_list("pk", flat=True))


class ClientAct(Act):
    """Only its owner, team and managers change a client."""

    def looked(self, records, *, by, choice):
        return writable(records, by)

    def why_left(self, record, looked, choice):
        if self.is_so(record, choice):
            return "same"
        return "" if record.pk in looked else "locked"

    def is_so(self, record, choice):
        return False


def change(client, **fields):
    """Write these fields of a client that is locked, so that a form read before is stale; the history says so."""
    for name, value in fields.items():
        setattr(client, name, value)
    client.version += 1
    client.save()


# -------------------------------------------------------------------- handing over


class ToForm(PlainForm):
    to = forms.ModelChoiceField(
        User.objects.active(),
        label=__("To whom"),
        to_field_name="public_id",
        empty_label=__("Choose a colleague"),
        error_messages={"required": __("Choose a colleague."), "invalid_choice": __("Choose a colleague.")},
    )


class HandOver(ClientAct):
    name, label, mark, form = "hand-over", __("Hand over"), "users", ToForm

    def records(self, found):
        return found.select_related("owner")

    def is_so(self, record, choice):
        return record.owner_id == choice["to"].pk

    def state(self, record):
        return record.owner.public_id

    def apply(self, record, *, by, choice, now):
        try:
            return handover.give_to(record, to=choice["to"], by=by, now=now)
        except NotAllowed:
            raise Left("left us") from None

    def restore(self, record, *, was, more, by, now):
        owner = User.objects.active().filter(public_id=was).first()
        if owner is None:
            raise Left("left us")
        handover.take_back(record, to=owner, more=more or {}, by=by, now=now)

    def going(self, n, choice):
        return ngettext("%(n)d goes to %(name)s.", "%(n)d go to %(name)s.", n) % {
            "n": n, "name": choice["to"].first_name,
        }  # fmt: skip

    def notes(self, records, *, choice):
        return [_("What their owners have open there goes along: promises, requests, talks.")] if records else []

    def left(self, why, n, choice):
        if why == "same" and choice:
            words = ngettext("%(n)d was already %(name)s’s.", "%(n)d were already %(name)s’s.", n)
            return words % {"n": n, "name": choice["to"].first_name}
        return super().left(why, n, choice)

    def done(self, n, choice):
        words = ngettext("Handed %(n)d to %(name)s.", "Handed %(n)d to %(name)s.", n)
        return words % {"n": n, "name": choice["to"].first_name}


# -------------------------------------------------------------------- stage


class StageForm(PlainForm):
    new_stage = forms.ChoiceField(
        label=__("Stage"),
        choices=[("", __("Choose a stage")), *Client.Stage.choices],
        error_messages={"required": __("Choose a stage.")},
    )


class SetStage(ClientAct):
    name, label, mark, form = "stage", __("Set stage"), "flag", StageForm

    def is_so(self, record, choice):
        return record.stage == choice["new_stage"]

    def state(self, record):
        return record.stage

    def apply(self, record, *, by, choice, now):
        change(record, stage=choice["new_stage"])

    def restore(self, record, *, was, more, by, now):
        change(record, stage=was)

    def going(self, n, choice):
        words = ngettext("%(n)d becomes “%(stage)s”.", "%(n)d become “%(stage)s”.", n)
        return words % {"n": n, "stage": Client.Stage(choice["new_stage"]).label}

    def done(self, n, choice):
        return _("Set %(n)d to “%(stage)s”.") % {"n": n, "stage": Client.Stage(choice["new_stage"]).label}


# -------------------------------------------------------------------- tags


class TagForm(PlainForm):
    new_tag = forms.CharField(
        label=__("Tag"), max_length=40, error_messages={"required": __("Type a tag.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_new_tag(self):
        tag = " ".join(self.cleaned_data["new_tag"].split())
        if "," in tag:
            raise forms.ValidationError(_("One tag at a time, without commas."))
        return tag


class AddTag(ClientAct):
    name, label, mark, form = "add-tag", __("Add a tag"), "tag", TagForm

    def why_left(self, record, looked, choice):
        why = super().why_left(record, looked, choice)
        return why or ("full" if len(record.tags) >= MOST_TAGS else "")

    def is_so(self, record, choice):
        return choice["new_tag"] in record.tags

    def state(self, record):
        return record.tags

    def apply(self, record, *, by, choice, now):
        change(record, tags=[*record.tags, choice["new_tag"]])

    def restore(self, record, *, was, more, by, now):
        change(record, tags=was)

    def going(self, n, choice):
        words = ngettext("%(n)d gets the tag “%(tag)s”.", "%(n)d get the tag “%(tag)s”.", n)
        return words % {"n": n, "tag": choice["new_tag"]}

    def left(self, why, n, choice):
        if why == "same" and choice:
            return ngettext("%(n)d had it already.", "%(n)d had it already.", n) % {"n": n}
        if why == "full":
            words = ngettext("%(n)d has %(most)d tags, and no room.", "%(n)d have %(most)d tags, and no room.", n)
            return words % {"n": n, "most": MOST_TAGS}
        return super().left(why, n, choice)

    def done(self, n, choice):
        words = ngettext("Tagged %(n)d “%(tag)s”.", "Tagged %(n)d “%(tag)s”.", n)
        return words % {"n": n, "tag": choice["new_tag"]}


class RemoveTag(AddTag):
    name, label, mark = "remove-tag", __("Remove a tag"), "x"

    def why_left(self, record, looked, choice):
        return ClientAct.why_left(self, record, looked, choice)

    def is_so(self, record, choice):
        return choice["new_tag"] not in record.tags

    def apply(self, record, *, by, choice, now):
        change(record, tags=[tag for tag in record.tags if tag != choice["new_tag"]])

    def going(self, n, choice):
        words = ngettext("%(n)d loses the tag “%(tag)s”.", "%(n)d lose the tag “%(tag)s”.", n)
        return words % {"n": n, "tag": choice["new_tag"]}

    def left(self, why, n, choice):
        if why == "same" and choice:
            return ngettext("%(n)d does not have it.", "%(n)d do not have it.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        words = ngettext("Took “%(tag)s” from %(n)d.", "Took “%(tag)s” from %(n)d.", n)
        return words % {"n": n, "tag": choice["new_tag"]}


# -------------------------------------------------------------------- archive


class Archive(ClientAct):
    name, label, mark = "archive", __("Archive"), "archive"

    def is_so(self, record, choice):
        return record.is_archived

    def state(self, record):
        return record.archived_at.isoformat() if record.archived_at else ""

    def apply(self, record, *, by, choice, now):
        record.archive(by=by, now=now)

    def restore(self, record, *, was, more, by, now):
        record.bring_back()

    def going(self, n, choice):
        return ngettext("%(n)d is archived.", "%(n)d are archived.", n) % {"n": n}

    def notes(self, records, *, choice):
        keys = [record.pk for record in records]
        promises = Client._meta.get_field("promises").related_model.objects.filter(client__in=keys, state="active")
        n = promises.values("client").distinct().order_by().count()
        if not n:
            return []
        return [ngettext("%(n)d of them has open promises.", "%(n)d of them have open promises.", n) % {"n": n}]

    def left(self, why, n, choice):
        if why == "same":
            return ngettext("%(n)d was archived already.", "%(n)d were archived already.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        return _("Archived %(n)d.") % {"n": n}


class BringBack(Archive):
    name, label, mark = "bring-back", __("Bring back"), "archive-restore"

    def is_so(self, record, choice):
        return not record.is_archived

    def why_left(self, record, looked, choice):
        return "merged" if record.merged_into_id else super().why_left(record, looked, choice)

    def apply(self, record, *, by, choice, now):
        record.bring_back()

    def restore(self, record, *, was, more, by, now):
        record.archive(by=by, now=now)

    def going(self, n, choice):
        return ngettext("%(n)d comes back.", "%(n)d come back.", n) % {"n": n}

    def notes(self, records, *, choice):
        return []

    def left(self, why, n, choice):
        if why == "same":
            return ngettext("%(n)d is not archived.", "%(n)d are not archived.", n) % {"n": n}
        if why == "merged":
            return ngettext("%(n)d was merged with another.", "%(n)d were merged with others.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        return _("Brought %(n)d back.") % {"n": n}


ACTS = (HandOver(), SetStage(), AddTag(), RemoveTag(), Archive(), BringBack())
