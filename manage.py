#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings; what is wrong there is one sentence, not a traceback
    except (ImproperlyConfigured, OSError, ValueError) as problem:
        sys.exit(f"Partnership CRM cannot start: {problem}")
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as problem:
        if sentence := why_not(problem):
            sys.exit(f"Partnership CRM: {sentence}")
        raise


def why_not(problem):
    """What is the matter with the database, where that is all there is to it."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        connection.close()
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return f"The database does not answer. {problem}".strip()
    return "The database is not prepared yet; run: manage.py migrate" if behind else ""


if __name__ == "__main__":
    main()
