"""SMTP, step by step, so that we always know how far a mail came.

Django's backend and `smtplib.sendmail` raise the same SMTPServerDisconnected for a break before, during and after
DATA. Whether a mail may have arrived depends only on whether the end of DATA was sent, so that step is our own:
the server cannot take a mail whose final dot it never saw (RFC 5321, 4.1.1.4).
"""

import re
import smtplib
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.message import sanitize_address
from django.core.mail.utils import DNS_NAME

from outbox.transports import Refused, Reply, UnknownOutcome, Unreachable
from outbox.words import one_line

# Answers to MAIL FROM that speak of us and not of this mail: log in first, encryption needed, wrong password.
_ABOUT_THE_LOGIN = {530, 534, 535, 538}


def connect_seconds():
    return min(10.0, settings.EMAIL_TIMEOUT)


def command_seconds():
    return float(settings.EMAIL_TIMEOUT)


def end_of_data_seconds():
    return 4.0 * settings.EMAIL_TIMEOUT


def longest_try_seconds():
    """An upper bound for one mail: connecting, MAIL, RCPT, DATA, the body, and the answer to its end."""
    return connect_seconds() + 4 * command_seconds() + end_of_data_seconds()


class _Patient:
    """A quick connect, then the longer patience of a command."""

    def _get_socket(self, host, port, timeout):
        sock = super()._get_socket(host, port, connect_seconds())
        sock.settimeout(timeout)
        return sock


class _Plain(_Patient, smtplib.SMTP):
    pass


class _Tls(_Patient, smtplib.SMTP_SSL):
    pass


class SmtpTransport:
    """One session with the server of Django's EMAIL_* settings; several mails go through it."""

    def __init__(self):
        self.backend = get_connection()
        self.server = f"{self.backend.host}:{self.backend.port}"
        self.smtp = None
        self.answered = 0

    def open(self):
        """Connect, encrypt, sign in. Every failure is the server's, not a mail's."""
        self.close()
        try:
            self.smtp = self._session()
        except smtplib.SMTPResponseException as error:
            raise Unreachable(_words(error.smtp_error), _code(error.smtp_code)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_of(error)) from error

    def send(self, mail, *, before_handover):
        """Hand over one mail. `before_handover` is called right before the point of no return."""
        body = _wire(mail)
        try:
            self._envelope(mail, size=len(body))
            self.smtp.send(body)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise Unreachable(_of(error), _code(getattr(error, "smtp_code", None))) from error
        try:
            before_handover()
        except BaseException:
            self.drop()  # without its final dot the server throws the mail away
            raise
        reply = self._end()
        if reply.code == 421:
            self.drop()
            raise Unreachable(reply.words, reply.code)
        if not 200 <= reply.code < 300:
            raise Refused(reply.words, reply.code)
        return reply

    def close(self):
        smtp, self.smtp, self.answered = self.smtp, None, 0
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    @property
    def is_open(self):
        return self.smtp is not None

    def _session(self):
        backend = self.backend
        arguments = {"local_hostname": DNS_NAME.get_fqdn(), "timeout": command_seconds()}
        smtp = _Tls(context=backend.ssl_context, **arguments) if backend.use_ssl else _Plain(**arguments)
        smtp._host = backend.host  # what smtplib's constructor would have set: the name TLS checks
        try:
            code, words = smtp.connect(backend.host, backend.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            smtp.ehlo_or_helo_if_needed()
            if backend.use_tls:
                smtp.starttls(context=backend.ssl_context)
                smtp.ehlo_or_helo_if_needed()
            if backend.username and backend.password:
                smtp.login(backend.username, backend.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _envelope(self, mail, *, size):
        encoding = mail.encoding or settings.DEFAULT_CHARSET
        sender = parseaddr(sanitize_address(settings.MAIL_RETURN_PATH or mail.from_email, encoding))[1]
        options = [f"size={size}"] if self.smtp.has_extn("size") else []
        self._expect(self.smtp.mail(sender, options), (250,), at_login=True)
        for recipient in mail.recipients():
            self._expect(self.smtp.rcpt(parseaddr(sanitize_address(recipient, encoding))[1]), (250, 251))
        self._expect(self.smtp.docmd("data"), (354,))

    def _expect(self, answer, wanted, *, at_login=False):
        code, words = answer
        if code in wanted:
            return
        reply = Reply(code, _words(words))
        if code == 421 or code < 400 or (at_login and code in _ABOUT_THE_LOGIN):
            self.drop()
            raise Unreachable(reply.words, _code(code))
        self.smtp.rset()
        raise Refused(reply.words, reply.code)

    def _end(self):
        try:
            self.smtp.sock.settimeout(end_of_data_seconds())
            self.smtp.send(b".\r\n")
            code, words = self.smtp.getreply()
            self.smtp.sock.settimeout(command_seconds())
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise UnknownOutcome(_of(error)) from error
        if not 200 <= code < 600:
            self.drop()
            raise UnknownOutcome(_words(words), _code(code))
        return Reply(code, _words(words))

    def drop(self):
        """End the session without a word: no QUIT, which some servers take for the end of the mail."""
        smtp, self.smtp, self.answered = self.smtp, None, 0
        if smtp is not None:
            smtp.close()


def _wire(mail):
    """The mail as it goes over the wire: CRLF, leading dots doubled, without the final dot."""
    body = mail.message().as_bytes(linesep="\r\n")
    body = re.sub(rb"\r\n|\n|\r(?!\n)", b"\r\n", body)
    body = re.sub(rb"(?m)^\.", b"..", body)
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _words(raw):
    return one_line(raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw, limit=1000)


def _code(code):
    return code if isinstance(code, int) and 100 <= code <= 999 else None


def _of(error):
    if isinstance(error, TimeoutError):
        return "The server did not answer in time."
    if isinstance(error, ssl.SSLError):
        return one_line(f"No safe connection: {error.reason or error}", limit=1000)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The server ended the connection."
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_error)
    return one_line(f"{type(error).__name__}: {error}", limit=1000)
