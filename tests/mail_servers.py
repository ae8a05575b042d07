"""A real SMTP server (Exim) and a real IMAP server (Dovecot) on free ports of this machine, thrown away afterwards.

    with MailServers() as mail:
        mail.send(b"From: …", sender="priya@firm.example", to=["rosa@tidewell.example", "crm+key@in.firm.example"])
        settings.MAIL_INBOX = mail.url()

Nothing of the system's own mail is touched: configuration, spool and mailbox lie in a folder of their own. Mail to
`LOCAL` domains lands in the one mailbox, whatever stands before the @; mail to anybody else is taken and dropped.
"""

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

LOCAL = "in.firm.example : firm.example"
USER, PASSWORD = "crm@in.firm.example", 'ein "Wort" ☂'
NAMES = {"exim": ("exim4", "exim"), "dovecot": ("dovecot",)}
IMAP_PLUGIN = ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap")


def program(name):
    """Where Debian puts it, which is no folder every user searches."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return next(filter(None, (shutil.which(one, path=path) for one in NAMES[name])), None)


def missing():
    """What this machine lacks, as Debian's packages; "" when both servers are here."""
    lacking = [] if program("exim") else ["exim4-daemon-light"]
    if not program("dovecot") or not any(Path(one).exists() for one in IMAP_PLUGIN):
        lacking.append("dovecot-imapd")
    return " and ".join(lacking)


class MailServers:
    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="mail-", dir="/tmp"))
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self.smtp_port, self.imap_port = _free_port(), _free_port()
            self._write()
            self._start([program("exim"), "-C", str(self.folder / "exim.conf"), "-bdf", "-q2s"])
            self._start([program("dovecot"), "-F", "-c", str(self.folder / "dovecot.conf")])
            _answers(self.smtp_port, b"220")
            _answers(self.imap_port, b"* OK")
        except BaseException:
            print(self.log())  # noqa: T201 -- why a server did not start
            self.stack.close()
            raise
        return self

    def __exit__(self, *_unused):
        self.stack.close()

    # ---------------------------------------------------------------- what tests do with it
    def url(self, *, done=""):
        who = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        return f"imap://{who}@127.0.0.1:{self.imap_port}/INBOX{f'?done={done}' if done else ''}"

    def send(self, raw, *, sender, to):
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as smtp:
            smtp.sendmail(sender, to, raw)

    def arrived(self, folder=""):
        """How many mails lie in the mailbox, or in a folder of it."""
        maildir = self.folder / "Maildir" / (f".{folder}" if folder else "")
        return sum(len(list((maildir / one).glob("*"))) for one in ("new", "cur") if (maildir / one).exists())

    def wait_for(self, count, *, seconds=40):
        until = time.monotonic() + seconds
        while self.arrived() < count:
            if time.monotonic() > until:
                raise AssertionError(f"{self.arrived()} of {count} mails arrived.\n{self.log()}")
            time.sleep(0.05)

    def log(self):
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )

    # ---------------------------------------------------------------- how
    def _write(self):
        """Servers do not like to be root: they run as nobody then, else as whoever runs the tests."""
        self.user = "nobody" if os.getuid() == 0 else getpass.getuser()
        account = pwd.getpwnam(self.user)
        group = grp.getgrgid(account.pw_gid).gr_name
        places = {
            "folder": self.folder, "user": self.user, "group": group, "uid": account.pw_uid, "gid": account.pw_gid,
            "smtp": self.smtp_port, "imap": self.imap_port, "local": LOCAL,
            "password": PASSWORD.replace("\\", "\\\\").replace('"', '\\"'),
        }  # fmt: skip
        (self.folder / "spool").mkdir()
        (self.folder / "run").mkdir()
        (self.folder / "exim.conf").write_text(EXIM % places)
        (self.folder / "dovecot.conf").write_text(DOVECOT % places)
        (self.folder / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)

    def _start(self, command):
        out = (self.folder / f"{Path(command[0]).name}.out.log").open("wb")
        self.stack.callback(out.close)
        as_user = {}
        if os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", **as_user)
        self.stack.callback(_stop, process)


def _stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port, greeting, *, seconds=20):
    until = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
                if line.recv(200).startswith(greeting):
                    return
        except OSError:
            pass
        if time.monotonic() > until:
            raise AssertionError(f"Nothing answers at {port}.")
        time.sleep(0.05)


EXIM = """
primary_hostname = mx.firm.example
spool_directory = %(folder)s/spool
log_file_path = %(folder)s/exim-%%s.log
pid_file_path = %(folder)s/exim.pid
exim_user = %(user)s
exim_group = %(group)s
daemon_smtp_ports = %(smtp)s
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
never_users =
domainlist local_domains = %(local)s
hosts_treat_as_local = *
acl_smtp_rcpt = accept
acl_smtp_data = accept
message_size_limit = 60M
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
queue_only = false
helo_allow_chars = _
host_lookup =
tls_advertise_hosts =
rfc1413_query_timeout = 0s
keep_environment =
accept_8bitmime = true
smtputf8_advertise_hosts = *
received_headers_max = 50

begin acl

begin routers
here:
  driver = accept
  domains = +local_domains
  local_part_suffix = +*
  local_part_suffix_optional
  transport = maildir
elsewhere:
  driver = redirect
  data = :blackhole:
  allow_fail

begin transports
maildir:
  driver = appendfile
  directory = %(folder)s/Maildir
  maildir_format
  create_directory
  envelope_to_add
  return_path_add
  delivery_date_add
  user = %(user)s
  group = %(group)s

begin retry
* * F,1h,1s
"""

DOVECOT = """
base_dir = %(folder)s/run
state_dir = %(folder)s/run
log_path = %(folder)s/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = %(user)s
default_internal_group = %(group)s
default_login_user = %(user)s
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%(folder)s/Maildir
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = %(imap)s
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = passwd-file
  args = username_format=%%u %(folder)s/passwords
}
userdb {
  driver = static
  args = uid=%(uid)s gid=%(gid)s home=%(folder)s
}
"""
