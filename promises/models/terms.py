"""The terms of a promise that can move: by when."""

from dataclasses import dataclass

from accounts.worktime import due_moment


@dataclass(frozen=True)
class Terms:
    """By when: a day, perhaps a time, and the zone it is meant in."""

    date: object
    time: object
    zone: str

    @property
    def at(self):
        return due_moment(self.date, self.time, self.zone)

    @property
    def fields(self):
        """As the columns of a promise that hold them."""
        return {"due_date": self.date, "due_time": self.time, "due_zone": self.zone, "due_at": self.at}
