"""What the rooms say of their rows when two clients or two people become one.

Every relation to `Client` and `Contact` moves by itself. A room says, in a module of its own called by its
`AppConfig.ready`, only what cannot simply be moved:

    merging.register("surveys.Belief", same_round)         # two rows that a unique constraint keeps apart
    merging.register_whole("clients.TeamMember.client", f) # looks at all rows of a relation before they move
    merging.register_after(f)                              # f(clients, now): afterwards, and after an undo
    merging.register_count("promises.Promise", words)      # words(n) -> “3 promises”
    merging.register_told("surveys.two_answers", words)    # words(n) -> a sentence about what was decided
"""

from dataclasses import dataclass
from functools import cache

from django.db import models

# Where a merge leads to and where it came from is history and stays.
STAYS = frozenset(
    {
        "clients.Client.merged_into",
        "clients.Contact.merged_into",
        "clients.Merge.kept_client",
        "clients.Merge.gone_client",
        "clients.Merge.kept_contact",
        "clients.Merge.gone_contact",
    }
)

resolvers, wholes, afters, counts, told = {}, {}, [], {}, {}


def register(label, resolver):
    """`resolver(mover, row, twin)` says what becomes of that row: `mover.stay`, `drop` or `take`."""
    resolvers[label] = resolver


def register_whole(key, prepare):
    wholes[key] = prepare


def register_after(follow):
    if follow not in afters:
        afters.append(follow)


def register_count(label, words):
    counts[label] = words


def register_told(code, words):
    told[code] = words


@dataclass(frozen=True)
class Relation:
    """One column of one table that names a client, or a person there."""

    model: type[models.Model]
    field: str

    @property
    def label(self):
        return self.model._meta.label

    @property
    def key(self):
        return f"{self.label}.{self.field}"

    @property
    def rows(self):
        return self.model._base_manager.all()

    def has(self, name):
        return any(field.name == name for field in self.model._meta.concrete_fields)


@cache
def relations(target):
    """Every column of every table that names one of these, those in between for many-to-many as well; no history."""
    found = []
    for field in target._meta.get_fields(include_hidden=True):
        is_reverse = field.auto_created and not field.concrete and (field.one_to_many or field.one_to_one)
        if is_reverse and not hasattr(field.related_model, "instance_type"):
            found.append(Relation(field.related_model, field.field.name))
    return tuple(sorted(found, key=lambda relation: relation.key))


def unique_with(relation):
    """The sets of columns that may stand only once together and of which this is one: [(the others, a condition)]."""
    meta, found = relation.model._meta, []
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and relation.field in constraint.fields:
            others = tuple(name for name in constraint.fields if name != relation.field)
            found.append((others, constraint.condition))
    for together in meta.unique_together:
        if relation.field in together:
            found.append((tuple(name for name in together if name != relation.field), None))
    if meta.get_field(relation.field).unique:
        found.append(((), None))
    return found
