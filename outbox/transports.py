"""The ways out: what every transport answers, and the one for backends that are no SMTP server."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import get_connection


@dataclass(frozen=True)
class Reply:
    """The server's answer to one mail: a code and its words. 2xx means it took the mail."""

    code: int
    words: str = ""


class Trouble(Exception):
    """A try that ended without the mail being taken. `code` is None when there was no answer."""

    def __init__(self, words, code=None):
        super().__init__(words)
        self.words, self.code = words, code


class Refused(Trouble):
    """The server answered no, for now (4xx) or for good (5xx). The session can go on."""


class Unreachable(Trouble):
    """No server, no session, or a session that broke before the mail was handed over: certainly not taken."""


class UnknownOutcome(Trouble):
    """The session broke while the mail was being handed over: only the server knows whether it took it."""


class LeaseLost(Exception):
    """Somebody else looks after this mail now; nothing may be sent or stored for it."""


class BackendTransport:
    """Any Django mail backend that is not SMTP: the mailbox of a development installation, memory in tests."""

    server = "mailbox"

    def __init__(self):
        self.backend = get_connection()
        self.is_open = False
        self.answered = 0

    def open(self):
        try:
            self.backend.open()
        except OSError as error:
            raise Unreachable(str(error)) from error
        self.is_open = True

    def send(self, mail, *, before_handover):
        before_handover()
        try:
            taken = self.backend.send_messages([mail])
        except OSError as error:
            self.drop()
            raise Unreachable(str(error)) from error
        if not taken:
            raise Refused("The mail backend did not take it.", 550)
        return Reply(250, "OK")

    def close(self):
        self.backend.close()
        self.is_open, self.answered = False, 0

    drop = close


def transport():
    """The transport the settings ask for."""
    from outbox.smtp import SmtpTransport

    if settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        return SmtpTransport()
    return BackendTransport()
