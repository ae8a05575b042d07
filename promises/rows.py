"""Everybody in a list of promises, read once each: six tables joined to every row cost more than the list."""

from accounts.models import User
from clients.models import Client, Contact
from promises.models import Promise
from promises.wording import Row

ROLES = {
    User: ("owner", "promisor_user", "promisee_user"),
    Contact: ("promisor_contact", "promisee_contact"),
    Client: ("client",),
}
UNREAD = {  # what no row shows
    User: ("password", "working_hours"),
    Contact: ("imported",),
    Client: ("imported", "tags", "whats_in_it"),
}


UNREAD_OF_A_ROW = ("search_text", "done_when", "external_id", "idempotency_key", "still_open")
READ_BESIDE = (
    "client__name", "client__public_id", "client__phone",
    *(f"{role}__{name}" for role in ROLES[Contact] for name in ("name", "phone")),
)  # fmt: skip


def columns(*beside):
    """What a row shows of a promise, its client and its contact, by name, and these: `owner__name` say.

    For reading many and making records of the few that are shown; `prepared`, as only planning makes joins dear.
    """
    shown = [field.attname for field in Promise._meta.concrete_fields if field.name not in UNREAD_OF_A_ROW]
    return (*shown, *READ_BESIDE, *beside)


def made_of(names, values):
    """The promise in these columns, with those beside it that there are."""
    told = dict(zip(names, values, strict=True))
    promise = _record(Promise, told)
    for role in {name.partition("__")[0]: None for name in names if "__" in name}:
        beside = {name.removeprefix(f"{role}__"): value for name, value in told.items() if name.startswith(f"{role}__")}
        who = told[f"{role}_id"]
        model = Promise._meta.get_field(role).related_model
        setattr(promise, role, _record(model, {**beside, "id": who}) if who else None)
    return promise


def _record(model, told):
    names = [field.attname for field in model._meta.concrete_fields if field.attname in told]
    return model.from_db(None, names, [told[name] for name in names])


def with_everybody(promises, *, known=()):
    """The same promises with their client and people filled in, in three queries however many there are.

    `known` are users nobody needs to look up.
    """
    at_hand = {user.pk: user for user in known}
    for model, roles in ROLES.items():
        wanted = {getattr(promise, f"{role}_id") for promise in promises for role in roles} - {None}
        there = at_hand if model is User else {}
        read = model.objects.defer(*UNREAD[model]).in_bulk(wanted - there.keys()) if wanted - there.keys() else {}
        known = {**there, **read}
        for promise in promises:
            for role in roles:
                if who := known.get(getattr(promise, f"{role}_id")):
                    setattr(promise, role, who)
    return promises


def _may_write(user, promises):
    ids = [promise.pk for promise in promises]
    return set(Promise.objects.writable_by(user).filter(pk__in=ids).values_list("pk", flat=True))


def rows_for(request, promises, *, now):
    """Promises as the rows of a list, with what this reader may do to each."""
    promises = list(promises)
    writable = _may_write(request.user, promises) if promises else set()
    return [Row(promise, now=now, user=request.user, can_write=promise.pk in writable) for promise in promises]
