"""A mailbox over IMAP: only what reading new mail needs, with time limits and checked certificates."""

import imaplib
import re
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _

PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}
HERE = {"localhost", "127.0.0.1", "::1"}
SECONDS = 20
MOST_BYTES = 512 * 1024  # of one mail: what a report says stands at its beginning
MOST_WHOLE = 40 * 1024 * 1024  # of one mail that is to be kept with its attachments


class Trouble(Exception):
    """Why the mailbox cannot be read, in words for whoever looks after it."""


class Refused(Trouble):
    """The server answered no to one command; the session can go on."""


@dataclass(frozen=True)
class Address:
    """Where the mailbox is, as the settings say it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str
    done: str  # where handled mail goes; "" marks it as read and leaves it
    whole: bool = False  # mails are read to their end, not only where they begin

    @classmethod
    def of(cls, url, *, setting="MAIL_INBOX", whole=False):
        """imaps://person:password@host:993/INBOX?done=Handled. ValueError, in words, when it is not like that."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(f"{setting} is no address: imaps://person:password@host:993/INBOX") from None
        if parts.scheme not in PORTS:
            raise ValueError(f"{setting} begins with imaps:// (or imap+tls:// for STARTTLS).")
        if parts.scheme == "imap" and parts.hostname not in HERE:
            raise ValueError(f"{setting}: imap:// without encryption is for this machine only; write imaps://.")
        if not (parts.hostname and parts.username and parts.password):
            raise ValueError(f"{setting} needs person, password and host: imaps://person:password@host:993/INBOX")
        done = parse_qs(parts.query).get("done", [""])[0]
        return cls(
            parts.scheme,
            parts.hostname,
            port or PORTS[parts.scheme],
            unquote(parts.username),
            unquote(parts.password),
            unquote(parts.path.strip("/")) or "INBOX",
            done,
            whole,
        )

    @property
    def name(self):
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:255]


class Session:
    """Signed in, with the folder open, inside a `with`. Every failure is a Trouble."""

    def __init__(self, address):
        self.address = address
        self.imap = None
        self.knows = set()  # what the server can do; most say all of it only after the sign-in

    def __enter__(self):
        try:
            self._connect()
            self._sign_in()
            self._open_folder()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_unused):
        if self.imap is not None:
            try:
                self.imap.logout()
            except (OSError, imaplib.IMAP4.error):
                self.imap.shutdown()
            self.imap = None

    # ---------------------------------------------------------------- what can be done with it

    def newer_than(self, uid, *, since):
        """The numbers of mails after that one, oldest first, none from before `since`."""
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        found = self._command("SEARCH", f"UID {uid + 1}:*", f"SINCE {day}")
        numbers = {int(number) for line in found if line for number in line.split()}
        return sorted(number for number in numbers if number > uid)  # “n:*” always holds the last one

    def fetch(self, uid):
        """A mail, or its beginning; None when it is gone."""
        most = MOST_WHOLE if self.address.whole else MOST_BYTES
        for piece in self._command("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)"):
            if isinstance(piece, tuple) and re.search(rb"BODY\[\]", piece[0], re.IGNORECASE):
                return piece[1]
        return None

    def file(self, uid):
        """It has been dealt with: marked as read, and moved where the settings say."""
        self._command("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        if not self.address.done:
            return
        folder = _quoted(self.address.done)
        if "MOVE" in self.knows:
            self._moved("MOVE", uid, folder)
        else:
            self._moved("COPY", uid, folder)
            self._command("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in self.knows:
                self._command("EXPUNGE", str(uid))

    # ---------------------------------------------------------------- how

    def _connect(self):
        host, port = self.address.host, self.address.port
        try:
            context = ssl.create_default_context()
            if self.address.scheme == "imaps":
                self.imap = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=SECONDS)
            else:
                self.imap = imaplib.IMAP4(host, port, timeout=SECONDS)
                if self.address.scheme == "imap+tls":
                    self.imap.starttls(ssl_context=context)
        except ssl.SSLCertVerificationError as error:
            words = _("The certificate of %(host)s is not trusted: %(words)s")
            raise Trouble(words % {"host": host, "words": error.verify_message}) from error
        except socket.gaierror as error:
            raise Trouble(_("There is no server called %(host)s.") % {"host": host}) from error
        except TimeoutError as error:
            raise Trouble(_("%(host)s does not answer.") % {"host": host}) from error
        except (OSError, imaplib.IMAP4.error) as error:
            raise Trouble(_("%(host)s cannot be reached: %(words)s") % {"host": host, "words": _of(error)}) from error

    def _sign_in(self):
        try:
            if "AUTH=PLAIN" in self.imap.capabilities:  # takes any letters; LOGIN only those of ASCII
                secret = f"\0{self.address.user}\0{self.address.password}".encode()
                self.imap.authenticate("PLAIN", lambda _challenge: secret)
            else:
                self.imap.login(self.address.user, self.address.password)
            told = b" ".join(one for one in self.imap.capability()[1] if isinstance(one, bytes))
            self.knows = set(told.decode("ascii", "replace").upper().split())
        except imaplib.IMAP4.abort as error:
            raise Trouble(_("The server ended the connection: %(words)s") % {"words": _of(error)}) from error
        except imaplib.IMAP4.error as error:
            raise Trouble(_("The server refused name or password: %(words)s") % {"words": _of(error)}) from error
        except (OSError, UnicodeError) as error:
            raise Trouble(_("Signing in failed: %(words)s") % {"words": _of(error)}) from error

    def _open_folder(self):
        try:
            answer, said = self.imap.select(_quoted(self.address.folder))
            number = self.imap.response("UIDVALIDITY")[1][0] if answer == "OK" else None
        except (OSError, imaplib.IMAP4.error) as error:
            raise Trouble(_("The folder cannot be opened: %(words)s") % {"words": _of(error)}) from error
        if answer != "OK":
            words = _("There is no folder “%(folder)s”, or it cannot be opened: %(words)s")
            raise Trouble(words % {"folder": self.address.folder, "words": _plain(said)})
        self.uidvalidity = int(number or 0)

    def _moved(self, verb, uid, folder):
        """Makes the folder when it is not there yet."""
        try:
            self._command(verb, str(uid), folder)
        except Refused:
            self.imap.create(folder)
            self._command(verb, str(uid), folder)

    def _command(self, *arguments):
        try:
            answer, said = self.imap.uid(*arguments)
        except TimeoutError as error:
            raise Trouble(_("The server stopped answering.")) from error
        except (OSError, imaplib.IMAP4.error) as error:
            raise Trouble(_("The server said something unexpected: %(words)s") % {"words": _of(error)}) from error
        if answer != "OK":
            raise Refused(_("The server refused: %(words)s") % {"words": _plain(said)})
        return said


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _quoted(folder):
    """As IMAP writes names: in quotes, other letters than ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""
    coded = re.sub(r"[^\x20-\x7e]+", lambda found: _utf7(found.group()), folder.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text):
    return text.encode("utf-7").decode().replace("+", "&").replace("/", ",")


def _plain(said):
    return " ".join(piece.decode("utf-8", "replace") for piece in said if isinstance(piece, bytes))[:300]


def _of(error):
    words = error.args[0] if error.args else ""
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return str(error.strerror if isinstance(error, OSError) and error.strerror else words or type(error).__name__)[:300]
