"""The whole program on one machine: broker, web server, worker and beat in one terminal, until Ctrl-C."""

import fcntl
import http.client
import io
import os
import socket
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from accounts.models import Origin, Role, User
from dashboard import broker
from dashboard.supervisor import Interrupted, Part, Screen, Supervisor

HOST = "127.0.0.1"
READY_SECONDS = 60


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, **options):
        if not settings.EMBEDDED:
            raise CommandError("This command is the one-machine installation: set EMBEDDED=1, or type make run.")
        began = time.monotonic()
        data = Path(settings.DATA_DIR)
        lock = only_one(data)
        refuse_taken_port(settings.PORT)
        environment = {**os.environ, "EMBEDDED": "1", "PORT": str(settings.PORT), "DATA_DIR": str(data)}
        environment |= {"PYTHONUNBUFFERED": "1", "C_FORCE_ROOT": "1"}
        keeper = Supervisor(Screen(sys.stdout), environment=environment, pid_file=data / "run.pids")
        keeper.end_leftovers()
        keeper.listen()
        try:
            self.start(keeper, began=began)
            keeper.look_after()
        except Interrupted:
            pass
        except (CommandError, broker.NoServer, DatabaseError) as problem:
            keeper.failure = str(problem).strip()
        finally:
            keeper.screen.line("run", "Stopping")
            keeper.stop()
            lock.close()
        if keeper.failure:
            keeper.screen.line("run", keeper.failure)
            sys.exit(1)
        keeper.screen.line("run", "Stopped. Your data is kept.")

    def start(self, keeper, *, began):
        if own_broker():
            keeper.start(Part("broker", broker.command(broker.find_server(), settings.BROKER_SOCKET), quiet=True))
            wait_until(keeper, lambda: broker.answers(settings.BROKER_SOCKET), seconds=10, what="broker")
        prepare_data(keeper.screen)
        keeper.environment |= mail_of_demo()
        connection.close()  # the supervisor itself needs the database no more
        keeper.preparing = False
        web, *others = parts()
        keeper.start(web)
        wait_until(keeper, lambda: answers_on(settings.PORT), seconds=READY_SECONDS, what="web")
        if not keeper.stopping:
            for part in others:
                keeper.start(part)
            announce(keeper.screen, seconds=time.monotonic() - began)


def parts():
    """What runs beside the broker, in the order of starting."""
    python = sys.executable
    celery = ["-W", "ignore:You're running the worker", "-m", "celery", "-A", "partnership_crm", "--quiet"]
    web = ["--interface", "wsgi", "--host", HOST, "--port", str(settings.PORT), "--workers", "2"]
    web += ["--blocking-threads", "4", "--http", "1", "--no-ws", "--respawn-failed-workers", "--log-level", "warning"]
    worker = [
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "4",
        "--without-gossip",
        "--without-mingle",
        "--loglevel",
        "INFO",
    ]
    schedule = str(Path(settings.DATA_DIR) / "beat-schedule")
    return [
        Part("web", [python, "-m", "granian", *web, "partnership_crm.wsgi:application"], essential=True),
        Part("worker", [python, *celery, *worker]),
        Part("beat", [python, *celery, "beat", "--pidfile=", "--schedule", schedule, "--loglevel", "WARNING"]),
    ]


def own_broker():
    return f"redis+socket://{settings.BROKER_SOCKET}" == settings.REDIS_URL


def only_one(data):
    """The lock of this data folder, held while we run."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = open(data / "run.lock", "a")  # noqa: SIM115 - held until the end
    except OSError as problem:
        raise CommandError(f"The data folder {data} cannot be written: {problem.strerror}.") from problem
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        raise CommandError(
            f"Partnership CRM is already running on {data}. Stop it first, or set another DATA_DIR and PORT."
        ) from problem
    if own_broker():
        # A long DATA_DIR moves the socket to a short folder; it must be ours alone.
        folder = Path(settings.BROKER_SOCKET).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder != data and folder.stat().st_uid != os.getuid():
            raise CommandError(f"{folder} belongs to somebody else; set a shorter DATA_DIR.")
    return lock


def refuse_taken_port(port):
    words = f"Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
    if not 0 < port < 65536:
        raise CommandError(f"PORT must be between 1 and 65535, not {port}.")
    if answers_on(port, connect_only=True):
        raise CommandError(words)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as problem:
            raise CommandError(
                f"Port {port} needs rights this account does not have; choose one above 1023."
            ) from problem
        except OSError as problem:
            raise CommandError(words) from problem


def answers_on(port, *, connect_only=False):
    """Whether something listens on the port; with `connect_only=False`, whether it answers a request as well."""
    line = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        line.connect()
        if connect_only:
            return True
        line.request("GET", "/healthz", headers={"Connection": "close"})
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def wait_until(keeper, is_so, *, seconds, what):
    deadline = time.monotonic() + seconds
    while not keeper.stopping and not is_so():
        keeper.pump(0.05)
        keeper.tend()
        if time.monotonic() > deadline:
            raise CommandError(f"The {what} did not answer within {seconds} seconds.")


def prepare_data(screen):
    """Migrate when there is something to migrate, and the demo firm once in the life of a data folder."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    fresh = not executor.loader.applied_migrations
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        screen.line("run", "Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
    seeded = Path(settings.DATA_DIR) / "demo-made"
    if settings.DEMO and (fresh or not seeded.exists()):
        screen.line("run", "Making the demo firm")
        said = io.StringIO()
        call_command("seed_demo", if_empty=True, stdout=said)
        for words in said.getvalue().splitlines():
            screen.line("run", words)
        seeded.touch()


def mail_of_demo():
    """In the demo e-mail in is on, at an address where nothing can arrive: what its people have to sort is seeded."""
    from dashboard.demo.words import MAIL_IN

    chosen = settings.MAIL_IN or "MAIL_IN" in os.environ or not settings.DEMO
    return {} if chosen or not User.objects.active().filter(origin=Origin.DEMO).exists() else {"MAIL_IN": MAIL_IN}


def announce(screen, *, seconds):
    address = settings.BASE_URL
    lines = ["", f"Partnership CRM is ready after {seconds:.1f} s:  {address}"]
    if settings.MAILBOX:
        lines.append(f"Every mail it sends can be read at:  {address}/mailbox/")
    lines += [*demo_sign_ins(), "Ctrl-C stops everything; make reset-demo starts the demo over.", ""]
    for words in lines:
        screen.line("run", words)


def demo_sign_ins():
    """One demo person for each role, as lines; nothing where the demo firm is not here."""
    if not settings.DEMO:
        return []
    from dashboard.demo.words import PASSWORD

    people = {user.role: user for user in User.objects.active().filter(origin=Origin.DEMO).order_by("-pk")}
    connection.close()
    if not people:
        return []
    signs = [f"    {role.label:<16} {people[role].email}" for role in Role if role in people]
    return [f"Sign in with the password {PASSWORD} as:", *signs]
