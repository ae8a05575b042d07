"""Shared fixtures. The environment is set before Django reads it."""

import os
import tempfile

os.environ.setdefault("EMBEDDED", "1")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="partnership-crm-tests-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
