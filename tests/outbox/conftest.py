"""A kind of mail for each audience, and a real SMTP server to send them to."""

import pytest

from outbox.kinds import Kind, Message, registered
from outbox.models import Email
from tests.outbox.sink import Sink


class Notes:
    """What the kinds of these tests are told and do."""

    def __init__(self):
        self.told = []
        self.unsubscribed = []
        self.unwanted = {}
        self.raises = {}

    def render(self, email):
        if email.key in self.raises:
            raise self.raises[email.key]
        return Message(subject=email.subject, text=f"Dear {email.to_name},\n.a dot\nyours", html="<p>Dear you</p>")

    def still_wanted(self, email, now):
        return self.unwanted.get(email.key, "")


@pytest.fixture
def notes():
    notes = Notes()
    shared = {"render": notes.render, "still_wanted": notes.still_wanted, "on_trouble": lambda e: notes.told.append(e)}
    with registered(
        Kind(name="test.staff", audience="staff", **shared),
        Kind(name="test.sign_in", audience="staff", can_wait=False, **shared),
        Kind(
            name="test.client",
            audience="client",
            unsubscribe=lambda email, now: notes.unsubscribed.append(email.key),
            **shared,
        ),
    ):
        yield notes


@pytest.fixture
def queue(db, notes):
    """Write a mail: `queue("ann@x.example")`."""
    count = iter(range(1, 100_000))

    def _queue(to="rosa@client.example", *, kind="test.client", key=None, **fields):
        fields = {"subject": "How are we doing?", "to_name": "Rosa Delgado", "about": "Survey", **fields}
        return Email.objects.queue(kind=kind, key=key or f"{kind}:{next(count)}", to=to, **fields)[0]

    return _queue


@pytest.fixture
def sink(settings):
    """The settings point to a server that programs each recipient's fate."""
    with Sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 0.5
        settings.DEFAULT_FROM_EMAIL = "Wrayburn Advisory <crm@wrayburn.example>"
        settings.OUTBOX_BACKOFF_SECONDS = [60, 300, 900, 3600, 10800]
        yield sink


@pytest.fixture
def state(db):
    """How a mail stands in the database now."""
    return lambda email: Email.objects.get(pk=email.pk)
