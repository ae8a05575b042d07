"""What the page of a merge shows: both records field by field, and how much moves."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.changes import shown
from accounts.templatetags.look import money
from clients.merging import fields
from clients.merging.registry import STAYS, counts, relations, told

TAGS_TOGETHER = 20


@dataclass(frozen=True)
class Row:
    """One field that differs: what each has, and what is chosen until somebody chooses."""

    name: str
    label: str
    kept: str
    gone: str
    choice: str
    both: bool = False
    error: str = ""

    @property
    def input(self):
        return f"take_{self.name}"


def rows(kept, gone, data=None):
    """The fields in which they differ, in the order of the form."""
    found = []
    for name in fields.chosen_from(type(kept)):
        if name == "currency":  # goes with the value
            continue
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if mine == theirs:
            continue
        can_both = name in fields.LONG | fields.LISTS and not fields.is_empty(mine) and not fields.is_empty(theirs)
        allowed = ["kept", "gone", *(["both"] if can_both else [])]
        choice = (data or {}).get(f"take_{name}", "")
        if choice not in allowed:
            choice = _beforehand(name, mine, theirs, can_both)
        column = kept._meta.get_field(name)
        label = str(column.verbose_name)
        found.append(
            Row(name, label[:1].upper() + label[1:], _words(kept, name), _words(gone, name), choice, both=can_both)
        )
    return found


def _beforehand(name, mine, theirs, can_both):
    """What one lacks the other brings; who may see it is never widened; a partnership is as old as its first day."""
    if fields.is_empty(mine):
        return "gone"
    if fields.is_empty(theirs):
        return "kept"
    if name == "visibility":
        return "gone" if theirs == "team_only" else "kept"
    if name == "partner_since":
        return "gone" if theirs < mine else "kept"
    return "both" if can_both else "kept"


def _words(record, name):
    words = shown(record, record._meta.get_field(name))
    if name == "annual_value" and record.annual_value is not None:
        return money(record.annual_value, record.currency)
    return words


def values(kept, gone, chosen):
    """{field: value} of the kept one by the choices, and the words of what cannot be."""
    taken, problems = {}, []
    for row in chosen:
        mine, theirs = getattr(kept, row.name), getattr(gone, row.name)
        if row.choice == "gone":
            taken[row.name] = theirs
            if row.name == "annual_value":
                taken["currency"] = gone.currency
        elif row.choice == "both" and row.name in fields.LISTS:
            taken[row.name] = list(dict.fromkeys([*mine, *theirs]))
            if len(taken[row.name]) > TAGS_TOGETHER:
                problems.append(
                    _("Together they have more than %(most)d tags. Choose one side.") % {"most": TAGS_TOGETHER}
                )
        elif row.choice == "both":
            taken[row.name] = f"{mine}\n\n{theirs}"
            if len(taken[row.name]) > kept._meta.get_field(row.name).max_length:
                problems.append(_("Both texts together are too long. Choose one side."))
    return taken, problems


def person_values(kept, gone, chosen):
    taken, problems = values(kept, gone, chosen)
    email = taken.get("email", kept.email)
    return taken | fields.mail_values(kept, gone, email=email) | fields.there_values(kept, gone), problems


def what_moves(gone):
    """“3 people”, “40 entries of the timeline”, …: what hangs on the one that goes."""
    numbers = Counter()
    for relation in relations(type(gone)):
        if relation.key not in STAYS and relation.label in counts:
            numbers[relation.label] += relation.rows.filter(**{relation.field: gone}).count()
    return counted(numbers)


def counted(numbers):
    return [counts[label](n) for label, n in sorted(numbers.items()) if n and label in counts]


def what_moved(merge):
    numbers = Counter()
    for key, pks in merge.moved.get("rows", {}).items():
        numbers[key.rpartition(".")[0]] += len(pks)
    return counted(numbers)


def what_was_decided(merge):
    numbers = Counter(merge.moved.get("told", {}))
    for part in merge.parts.all():
        numbers.update(part.moved.get("told", {}))
    return [told[code](n) for code, n in sorted(numbers.items()) if code in told]


def what_came_of_it(undone):
    """Sentences about an undo."""
    sentences = []
    if back := counted(undone.back):
        sentences.append(_("Back: %(list)s.") % {"list": ", ".join(back)})
    if added := counted(undone.added - undone.along):
        sentences.append(_("Added since the merge, and stays: %(list)s.") % {"list": ", ".join(added)})
    if along := counted(undone.along):
        sentences.append(
            _("Added since about somebody who went back, and went along: %(list)s.") % {"list": ", ".join(along)}
        )
    if lost := counted(undone.not_back):
        sentences.append(_("Moved on or removed since, and not back: %(list)s.") % {"list": ", ".join(lost)})
    if undone.changed:
        words = _("Changed by somebody since, and left as they are: %(list)s.")
        sentences.append(words % {"list": ", ".join(undone.changed)})
    return sentences
