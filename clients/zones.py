"""Where a client's clock hangs, from what a list of addresses says: the country, else the city."""

from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from accounts.places import countries, country_code, zone_of
from clients.names import searchable


@cache
def country_name(text):
    """“USA”, “us” and “United States” as one name; what is not known stays as it was written."""
    return dict(countries()).get(country_code(text), text)


@cache
def zones_of_country():
    """{ISO code: [zone, …]} out of the tz database, the most populous first."""
    found = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _coordinates, zone, *_comment = line.split("\t")
            found.setdefault(code, []).append(zone)
    return found


@cache
def zone_in(country, city=""):
    """The zone of a place where it is not in doubt: one clock in the whole country, or a city that names its zone."""
    zones = zones_of_country().get(country_code(country), [])
    if zones and len({_clock(zone) for zone in zones}) == 1:
        return zones[0]
    named = zone_of(searchable(city)) if city else ""
    return named if named in zones else ""


def _clock(zone):
    """What the clocks there say in winter and in summer; two zones that agree are one to a reader."""
    return tuple(datetime(2026, month, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))
