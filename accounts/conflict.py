"""Two people, one record: a save on a stale copy is refused with both versions side by side, and nothing is lost.

    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            form.save_if_current(by=request.user, now=timezone.now())
        except Stale:
            return answer(request, "accounts/profile.html", form, {...})      # 409; the template includes the component

The form carries the version it was read at and, signed, the values it showed, so that it is known who changed what.
A room with verbs of its own passes `form.cleaned_data["version"]` to them and calls `answer` when they refuse.
"""

import json
from dataclasses import dataclass

from django import forms
from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import changes
from accounts.forms import PlainModelForm, guard

SALT = "accounts.conflict"
BOOKKEEPING = ("version", "was", "idempotency_key")


class Stale(Exception):
    """Somebody saved the record after this form was read."""


@dataclass(frozen=True)
class Field:
    """One field that differs: what this person typed, what the other saved, and who of them changed it."""

    name: str
    label: str
    mine: str
    theirs: str
    changed_by_me: bool
    changed_by_them: bool
    choice_name: str

    @property
    def choice(self):
        """What is preselected: the side that changed it, or nothing when both did."""
        if self.changed_by_me and self.changed_by_them:
            return ""
        return "mine" if self.changed_by_me else "theirs"


@dataclass(frozen=True)
class Conflict:
    who: object
    at: object
    fields: list


class VersionedModelForm(PlainModelForm):
    """A model's form that carries the version it was read at.

    The model has `version`, and `changed_by` with `changed_at` or a history to say who saved last.
    """

    also_saves = ()  # model fields that `clean` sets without a form field of that name

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.add_fields()
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, min_value=0, initial=self.instance.version
        )
        self.fields["was"] = forms.CharField(
            widget=forms.HiddenInput, required=False, max_length=2_000_000, strip=False
        )
        for field in self.fields.values():
            guard(field)
        self.unchosen = []
        if self.is_bound:
            self._take_theirs_where_chosen()
        elif self.instance.pk:
            self.fields["was"].initial = _sealed({name: self._shown_value(name) for name in self._own_names()})

    def add_fields(self):
        """For fields that are made per record; called before anything is read from the form."""

    def clean_version(self):
        # Without a version the form was not made by this page: then it is as stale as can be.
        return self.cleaned_data.get("version") or 0

    def clean(self):
        cleaned = super().clean()
        for name in self.unchosen:
            self.add_error(name, _("Both of you changed this. Choose which one to keep."))
        return cleaned

    def save_if_current(self, *, by, now):
        """Save when nobody else did since the form was read; otherwise `Stale`, and nothing is written."""
        with transaction.atomic():
            changes.begin(self.instance, now=now)
            claim(self.instance, version=self.cleaned_data["version"], by=by, now=now)
            names = {field.name for field in self.instance._meta.concrete_fields} & set(self._meta.fields)
            self.instance.save(update_fields=[*names, *self.also_saves])
            self._save_m2m()
            return self.instance

    def _own_names(self):
        return [name for name in self.fields if name not in BOOKKEEPING]

    def _shown_value(self, name):
        return self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))

    def _take_theirs_where_chosen(self):
        self.unchosen = _take_theirs(self, self._own_names())


class ShownMixin:
    """A plain form about a record without a version: it carries, signed, what it showed.

    The view says what is stored with `hold_against(values)` before it asks anything else of the form.
    """

    stored, unchosen = {}, ()

    def hold_against(self, stored):
        self.stored = _plain(stored)
        self.fields["was"] = forms.CharField(
            widget=forms.HiddenInput, required=False, max_length=20_000, strip=False, initial=_sealed(stored)
        )
        if self.is_bound:
            self.unchosen = _take_theirs(self, list(stored))

    def clean(self):
        cleaned = super().clean()
        cleaned.pop("was", None)
        for name in self.unchosen:
            self.add_error(name, _("Both of you changed this. Choose which one to keep."))
        return cleaned

    @property
    def has_moved_on(self):
        """Whether the record was changed since this form was read, to something else than what is typed."""
        before = self._before()
        return bool(before) and before != self.stored and bool(_differences(self, self.stored, before))

    def conflict(self, *, of=None):
        """Both versions; the next save is on top of what is stored now. `of` is the record, which may know who."""
        fields = _differences(self, self.stored, self._before())
        self.data = self.data.copy()
        self.data["was"] = _sealed(self.stored, choose=[field.name for field in fields if not field.choice])
        who, at = last_change(of)
        return Conflict(who=who, at=at, fields=fields)

    def _before(self):
        return _unsealed(self.data.get("was", "")).get("values", {})


def claim(instance, *, version, by, now):
    """Take the next version of a record, inside the caller's transaction; `Stale` when it has moved on."""
    fields = {"version": F("version") + 1}
    names = {field.name for field in instance._meta.get_fields()}
    if "changed_by" in names:
        fields |= {"changed_by": by, "changed_at": now}
    if not type(instance)._base_manager.filter(pk=instance.pk, version=version).update(**fields):
        raise Stale(instance)
    instance.version = version + 1
    if "changed_by" in names:
        instance.changed_by, instance.changed_at = by, now


def answer(request, template, form, context=None):
    """The form again with both versions, as status 409. The next save is on top of what is stored now."""
    conflict = describe(form)
    return render(request, template, {**(context or {}), "form": form, "conflict": conflict}, status=409)


def describe(form):
    """Hold the refused form against the stored record, and make the form ready to be sent once more."""
    fresh = type(form.instance)._base_manager.get(pk=form.instance.pk)
    theirs = {name: _plain(form_value) for name, form_value in _values_of(form, fresh).items()}
    before = _unsealed(form.data.get(form.add_prefix("was"), "")).get("values", {})
    fields = _differences(form, theirs, before)
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(fresh.version)
    form.data[form.add_prefix("was")] = _sealed(theirs, choose=[field.name for field in fields if not field.choice])
    who, at = last_change(fresh)
    return Conflict(who=who, at=at, fields=fields)


def _differences(form, theirs, before):
    """The fields in which what was typed differs from what is stored, next to what the form had shown."""
    fields = []
    for name, their_value in theirs.items():
        field = form.fields[name]
        mine = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        if not _differ(field, their_value, mine):
            continue
        base = before.get(name, their_value)
        fields.append(
            Field(
                name=name,
                label=str(field.label or name),
                mine=_in_words(field, mine),
                theirs=_in_words(field, _typed(field, their_value)),
                changed_by_me=name not in before or _differ(field, base, mine),
                changed_by_them=name not in before or base != their_value,
                choice_name=_choice_name(form, name),
            )
        )
    return fields


def last_change(instance):
    """Who saved the record last, and when, as far as it is known."""
    if hasattr(instance, "last_change"):
        return instance.last_change()
    if getattr(instance, "changed_at", None):
        return instance.changed_by, instance.changed_at
    if hasattr(instance, "history") and (entry := instance.history.select_related("history_user").first()):
        return entry.history_user, entry.history_date
    return None, None


def _values_of(form, instance):
    """What a new form of the same kind would show for the record as it is stored."""
    again = type(form)(instance=instance, **getattr(form, "again", {}))
    return {name: again._shown_value(name) for name in again._own_names()}


def _take_theirs(form, names):
    """Put what the other saved where that was chosen; gives the fields for which somebody still has to choose."""
    was = _unsealed(form.data.get(form.add_prefix("was"), ""))
    chosen = {name: form.data.get(_choice_name(form, name), "") for name in names}
    theirs = [name for name, choice in chosen.items() if choice == "theirs" and name in was.get("values", {})]
    if theirs:
        form.data = form.data.copy()
    for name in theirs:
        form.data.setlist(
            form.add_prefix(name), _as_data(form.fields[name], _typed(form.fields[name], was["values"][name]))
        )
    return [name for name in was.get("choose", []) if chosen.get(name) not in ("mine", "theirs")]


def _choice_name(form, name):
    return f"keep_{form.add_prefix(name)}"


def _plain(value):
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _sealed(values, choose=()):
    return signing.dumps({"values": _plain(values), "choose": list(choose)}, salt=SALT, compress=True)


def _unsealed(text):
    try:
        return signing.loads(text, salt=SALT) if text else {}
    except signing.BadSignature:
        return {}


def _typed(field, shown):
    """A remembered value as the field's own type again: JSON keeps times and decimals as text."""
    if isinstance(field, forms.ModelChoiceField):
        return shown
    try:
        return field.to_python(shown)
    except forms.ValidationError:
        return shown


def _differ(field, shown, sent):
    return field.has_changed(_typed(field, shown), sent)


def _as_data(field, value):
    """A shown value as a browser would send it back."""
    if isinstance(field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    formatted = field.widget.format_value(value)
    if isinstance(formatted, (list, tuple)):
        return [str(part) for part in formatted]
    return ["" if formatted is None else str(formatted)]


def _in_words(field, value):
    if isinstance(field, forms.BooleanField):
        return _("yes") if field.to_python(value) else _("no")
    if isinstance(field, forms.ChoiceField):
        values = value if isinstance(value, (list, tuple)) else [value]
        words = dict(_flat(field.choices))
        return ", ".join(str(words.get(str(part), part)) for part in values if part not in (None, "")) or "–"
    formatted = field.widget.format_value(value)
    return str(formatted) if formatted not in (None, "") else "–"


def _flat(choices):
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _flat(label)
        else:
            yield str(value), label
