"""The program's own settings, with the yardstick among the pages and no mail going anywhere."""

from partnership_crm.settings import *  # noqa: F403 - everything as it is

ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
WEB_TICK_SECONDS = 0
