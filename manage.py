#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings; what is wrong there is one sentence, not a traceback
    except (ImproperlyConfigured, OSError, ValueError) as problem:
        sys.exit(f"Partnership CRM cannot start: {problem}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
