"""What the page of a client will ask, asked in one go before its pieces are drawn.

In an upper room's `AppConfig.ready`:

    ahead.register(lambda client, user, now: late.question(client, now=now))

A piece then asks `ahead.rows(client, late.question(client, now=now))`: answered already on that page, and asked of
the database everywhere else. Rows are made once, so whatever a piece does to them the next one sees.
"""

from accounts.together import together

_registered = []


def register(*questions):
    """Each `question(client, user, now)` answers a `prepared` question that the page always asks."""
    _registered.extend(question for question in questions if question not in _registered)


def read(client, *others, user, now):
    """Ask everything, with these others, and keep the answers with this client."""
    client._read_ahead = together([*others, *(question(client, user, now) for question in _registered)])


def rows(client, question):
    known = client.__dict__.get("_read_ahead", {})
    return known[question] if question in known else question.rows()


def all_rows(client, questions):
    """{question: its rows}: what is not known yet asked in one go."""
    known, questions = client.__dict__.get("_read_ahead", {}), list(questions)
    found = together(question for question in questions if question not in known)
    return found | {question: known[question] for question in questions if question in known}
