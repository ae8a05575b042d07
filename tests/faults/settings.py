"""The product's settings, and a room that knows how to write the letters of the fault tests."""

from partnership_crm.settings import *  # noqa: F403
from partnership_crm.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.letters"]
