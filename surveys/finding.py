"""One thing that is wrong with a round, in words, with links to where it is mended."""

from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse

from accounts.quick import date_format

NAMES = 5  # as many as a reader takes in; the count says how many there are


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in words."""

    key: str
    words: str
    count: int = 0
    blocks: bool = False
    what_happens: str = ""
    names: list = field(default_factory=list)  # pairs of a name and an address where it is mended
    mend_url: str = ""
    mend: str = ""
    of: int | None = None  # how many names there are, where that is not the count

    @property
    def more(self):
        return max(0, (self.count if self.of is None else self.of) - len(self.names))


# -------------------------------------------------------------------- names with links


def people_named(contacts):
    return [(f"{c.name}, {c.client.name}", url("contact_edit", c.client.public_id, c.public_id)) for c in contacts]


def clients_named(clients):
    return [(c.name, url("client", c.public_id)) for c in clients]


def step(round, step):
    return url("survey_setup", round.public_id, step)


def url(name, *args):
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def short(day):
    return date_format(day, "D j M")
