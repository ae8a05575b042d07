"""Where a line over the years holds: the very same was asked in both rounds. Compares snapshots, changes nothing.

The same means: the same key, kind, dimension and polarity, and the same words in English. That is the text, the ends of
the scale, and for a choice which options there were. A hint or a translation may be mended.
"""

from collections import defaultdict
from dataclasses import dataclass

from surveys.questions import FALLBACK, TO_CHECK, options_of


@dataclass(frozen=True)
class Changes:
    """What became of a snapshot's questions in the next one: keys, in the order they are asked."""

    added: tuple = ()
    removed: tuple = ()
    broken: tuple = ()  # asked in both, and not the same: their lines end
    reworded: tuple = ()  # asked in both with the same meaning: a hint, a translation, whether it is required
    moved: tuple = ()  # only their place among the others

    def __bool__(self):
        return any((self.added, self.removed, self.broken, self.reworded, self.moved))


def meaning(entry):
    """What has to be the same for a line to go on."""
    wording = entry.get("wording") or {}
    words = wording.get(FALLBACK) or {}
    said = tuple(" ".join((words.get(name) or "").split()) for name in ("text", "low", "high"))
    options = tuple(sorted((key, " ".join(text.split())) for key, text in options_of(wording).items()))
    picks = entry.get("pick_up_to") if entry["kind"] == "pick" else None
    return (entry["kind"], entry.get("dimension") or "", bool(entry.get("reverse")), said, options, picks)


def unbroken(before, now):
    """The keys asked in both snapshots with the same meaning: only these can be held against each other."""
    then = {entry["key"]: meaning(entry) for entry in before["questions"]}
    return {entry["key"] for entry in now["questions"] if then.get(entry["key"]) == meaning(entry)}


def dimensions(before, now):
    """The dimensions measured by the very same questions in both: their means can be held against each other."""
    then, today = _measured(before), _measured(now)
    return {name for name, measured in today.items() if then.get(name) == measured}


def _measured(snapshot):
    found = defaultdict(set)
    for entry in snapshot["questions"]:
        if entry["kind"] == "scale" and entry.get("dimension"):
            found[entry["dimension"]].add((entry["key"], meaning(entry)))
    return found


def changes(before, now):
    """What is different from one snapshot to the next."""
    then = {entry["key"]: entry for entry in before["questions"]}
    today = {entry["key"]: entry for entry in now["questions"]}
    both = [key for key in today if key in then]
    broken = tuple(key for key in both if meaning(then[key]) != meaning(today[key]))
    return Changes(
        added=tuple(key for key in today if key not in then),
        removed=tuple(key for key in then if key not in today),
        broken=broken,
        reworded=tuple(key for key in both if key not in broken and _details(then[key]) != _details(today[key])),
        moved=_moved([key for key in then if key in today], both),
    )


def _details(entry):
    order = tuple(options_of(entry.get("wording") or {}))
    details = {name: value for name, value in entry.items() if value not in (None, "", False)}
    wording = {
        code: {name: part for name, part in words.items() if name != TO_CHECK}
        for code, words in (entry.get("wording") or {}).items()
    }
    return {**details, "wording": wording}, order


def _moved(before, now):
    """The fewest keys that have to be put elsewhere to turn one order into the other."""
    stay = _longest_rising([before.index(key) for key in now])
    kept = {before[place] for place in stay}
    return tuple(key for key in now if key not in kept)


def _longest_rising(places):
    best = []  # per place: the longest rising row that ends there
    for n, place in enumerate(places):
        rows = [best[m] for m in range(n) if places[m] < place]
        best.append([*max(rows, key=len, default=[]), place])
    return max(best, key=len, default=[])


def broken_lines(before, now):
    """The keys of the earlier snapshot whose line does not go on in the later one, in the earlier order."""
    goes_on = unbroken(before, now)
    return [e["key"] for e in before["questions"] if e["kind"] != "section" and e["key"] not in goes_on]
