"""Whoever reads a log cannot use the links in it."""

import logging
import sys

import pytest
import structlog
from django.conf import settings

from accounts.logs import mask_tokens

TOKEN = "q8Zr_-" + "x" * 37


def test_tokens_are_masked_wherever_they_stand_in_a_line():
    line = mask_tokens(
        None,
        "info",
        {
            "event": f'"GET /s/{TOKEN}/ HTTP/1.1" 200',
            "path": f"/u/{TOKEN}/",
            "links": [f"https://crm.example/p/{TOKEN}/", f"/a/{TOKEN}/"],
            "reset": f"/accounts/password/reset/key/u_abcdefgh/c9-{'0' * 40}/",
            "page": "/surveys/new/audience/",
            "status": 200,
        },
    )

    assert line == {
        "event": '"GET /s/…/ HTTP/1.1" 200',
        "path": "/u/…/",
        "links": ["https://crm.example/p/…/", "/a/…/"],
        "reset": "/accounts/password/reset/key/…",
        "page": "/surveys/new/audience/",
        "status": 200,
    }


@pytest.mark.parametrize("render", [structlog.dev.ConsoleRenderer, structlog.processors.JSONRenderer])
def test_tokens_are_masked_in_tracebacks(render):
    words = settings.LOGGING["formatters"]["words"]
    options = {"colors": False, "exception_formatter": structlog.dev.plain_traceback}
    renderer = render(**(options if render is structlog.dev.ConsoleRenderer else {}))
    formatter = words["()"](processor=renderer, foreign_pre_chain=words["foreign_pre_chain"])
    try:
        raise LookupError(f"nothing at /s/{TOKEN}/")
    except LookupError:
        record = logging.LogRecord("firm", logging.ERROR, __file__, 1, "It broke.", (), sys.exc_info())

    line = formatter.format(record)

    assert TOKEN not in line
    assert "LookupError: nothing at /s/…/" in line.replace("\\u2026", "…")
