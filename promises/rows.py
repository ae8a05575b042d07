"""Everybody in a list of promises, read once each: six tables joined to every row cost more than the list."""

from accounts.models import User
from accounts.readers import for_readers
from accounts.written import written
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


IN_A_ROW = {Contact: ("name", "phone"), Client: ("name", "public_id", "phone")}  # all that a row shows of them


def _reading(model, shown=()):
    @written
    def read(*, ids):
        found = model.objects.filter(pk__in=ids).order_by()
        return found.only(*shown) if shown else found.defer(*UNREAD[model])

    return read


READ = {model: _reading(model) for model in ROLES}
READ_FOR_ROWS = READ | {model: _reading(model, shown) for model, shown in IN_A_ROW.items()}


@written
def _these(*, ids):
    return Promise.objects.filter(pk__in=ids).order_by()


def in_order_of(ids):
    """The promises with these ids, in that order."""
    found = {promise.pk: promise for promise in _these(ids=list(ids))}
    return [found[pk] for pk in ids if pk in found]


def with_everybody(promises, *, known=(), in_rows=False):
    """The same promises with their client and people filled in, in three queries however many there are.

    `known` are users nobody needs to look up; `in_rows` where nothing but rows is drawn of them.
    """
    at_hand = {user.pk: user for user in known}
    for model, roles in ROLES.items():
        wanted = {getattr(promise, f"{role}_id") for promise in promises for role in roles} - {None}
        there = at_hand if model is User else {}
        read = (READ_FOR_ROWS if in_rows else READ)[model](ids=sorted(wanted - there.keys()))
        known = {**there, **{one.pk: one for one in read}}
        for promise in promises:
            for role in roles:
                if who := known.get(getattr(promise, f"{role}_id")):
                    setattr(promise, role, who)
    return promises


def _may_write(user, promises):
    ids = [promise.pk for promise in promises]
    return set(ids if user.is_manager else _writable(user, ids=ids))


@for_readers
def _writable(reader, *, ids):
    return Promise.objects.writable_by(reader).filter(pk__in=ids).order_by().values_list("pk", flat=True)


def rows_for(request, promises, *, now):
    """Promises as the rows of a list, with what this reader may do to each."""
    promises = list(promises)
    writable = _may_write(request.user, promises) if promises else set()
    return [Row(promise, now=now, user=request.user, can_write=promise.pk in writable) for promise in promises]
