"""Personal links are keys: whoever reads a log must not be able to use them."""

import re

# /s/TOKEN/ survey, /u/ unsubscribe, /p/ promises, /a/ same page, /calendar/TOKEN.ics, and the keys of password links.
_LINK = re.compile(r"(/(?:[supa]|calendar)/)[A-Za-z0-9_-]{16,}")
_RESET_KEY = re.compile(r"(/password/reset/key/)[0-9A-Za-z_/-]+")


def masked(text):
    return _RESET_KEY.sub(r"\1…", _LINK.sub(r"\1…", text))


def mask_tokens(logger, method, event_dict):
    """A structlog processor: masks every string of a log line, one level deep."""
    for name, value in event_dict.items():
        if isinstance(value, str):
            event_dict[name] = masked(value)
        elif isinstance(value, (list, tuple)) and name != "exc_info":
            event_dict[name] = type(value)(masked(v) if isinstance(v, str) else v for v in value)
    return event_dict
