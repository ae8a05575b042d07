"""What an import did, or would do, row by row: one report for the command line and for the page."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Change:
    """One value of a record that was there already."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One row of the file: its number, what it is called, and why it was refused or what changed."""

    number: int
    name: str = ""
    reason: str = ""
    changes: tuple = ()


_watcher = ContextVar("import_watcher", default=None)


@contextmanager
def watching(told):
    """`told()` is called for each row that is judged within."""
    token = _watcher.set(told)
    try:
        yield
    finally:
        _watcher.reset(token)


@dataclass
class Report:
    """`what` names the records in the plural (“people”, “clients”)."""

    what: str
    dry_run: bool = False
    new: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    same: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    columns: dict = field(default_factory=dict)  # our field: their header
    left_out: list = field(default_factory=list)  # headers nobody looked at

    HEADINGS: ClassVar = {
        "new": gettext_lazy("New"),
        "changed": gettext_lazy("Changed"),
        "same": gettext_lazy("The same"),
        "refused": gettext_lazy("Refused"),
    }

    def add_new(self, number, name):
        self._add(self.new, Line(number, name))

    def add_changed(self, number, name, changes):
        self._add(self.changed, Line(number, name, changes=tuple(changes)))

    def add_same(self, number, name):
        self._add(self.same, Line(number, name))

    def refuse(self, number, name, reason):
        self._add(self.refused, Line(number, name, reason=reason))

    def _add(self, lines, line):
        lines.append(line)
        if told := _watcher.get():
            told()

    @property
    def all_taken(self):
        return not self.refused

    @property
    def groups(self):
        """(key, heading, lines) for pages: what needs a look first."""
        return [(key, self.HEADINGS[key], getattr(self, key)) for key in ("refused", "new", "changed", "same")]

    @property
    def counts(self):
        return {key: len(getattr(self, key)) for key in self.HEADINGS}

    def as_json(self):
        """Plain values for a JSON column; `from_json` brings them back."""
        return {name: str(value) if name == "what" else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values):
        lines = {
            key: [
                Line(**{**line, "changes": tuple(Change(**change) for change in line["changes"])})
                for line in values[key]
            ]
            for key in cls.HEADINGS
        }
        return cls(**{**values, **lines})

    def as_text(self):
        lines = [*self.notes]
        if self.left_out:
            lines.append(_("Columns left out: %(names)s.") % {"names": ", ".join(self.left_out)})
        for line in sorted(self.refused, key=lambda line: line.number):
            lines.append(_("Row %(number)d refused, %(name)s: %(reason)s") % _words(line))
        for line in self.changed:
            lines.append(_("Row %(number)d changed, %(name)s:") % _words(line))
            lines += [f"    {change.label}: {change.old or '–'} → {change.new or '–'}" for change in line.changes]
        if self.dry_run:
            lines += [_("Row %(number)d new, %(name)s") % _words(line) for line in self.new]
        lines.append(self.summary())
        return "\n".join(lines)

    def summary(self):
        words = _("%(what)s: %(new)d new, %(changed)d changed, %(same)d the same, %(refused)d refused.") % {
            "what": str(self.what)[:1].upper() + str(self.what)[1:],
            **self.counts,
        }
        return words + (" " + _("This was a dry run: nothing was written.") if self.dry_run else "")


def _words(line):
    return {"number": line.number, "name": line.name or _("without a name"), "reason": line.reason}
