"""Starts processes, shows what they say under their names, restarts or reports the dead, stops all in reverse order.

One thread: what the children write, their deaths and our signals all arrive at one selector.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

COLOURS = {"broker": "35", "web": "36", "worker": "32", "beat": "33"}
STOP_SECONDS = 10  # then SIGKILL
SHORT_LIFE = 5  # a part that lived less than this many seconds did not really start
TRIES = 3

try:
    _prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
except (OSError, AttributeError):
    _prctl = None


class Interrupted(BaseException):
    """Somebody asked us to stop while we were still preparing."""


def _die_with(parent):
    """In the child, before exec: when the supervisor dies, however it dies, the kernel sends SIGTERM (Linux)."""
    if _prctl:
        _prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


@dataclass(eq=False)
class Part:
    """One process we look after. `essential`: when it dies everything stops; the others are started again."""

    name: str
    command: list
    essential: bool = False
    quiet: bool = False  # its words are shown only when it dies
    process: subprocess.Popen | None = None
    started: float = 0.0
    short_lives: int = 0
    rest: bytes = b""
    said: list = field(default_factory=list)

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None


class Screen:
    """Named lines; coloured on a terminal, plain into a file."""

    def __init__(self, out):
        self.out = out
        self.coloured = out.isatty() and "NO_COLOR" not in os.environ

    def line(self, name, words):
        label = f"{name:<7}"
        if self.coloured:
            label = f"\x1b[{COLOURS.get(name, '1')}m{label}\x1b[0m"
        with contextlib.suppress(BrokenPipeError, OSError):
            self.out.write(f"{label}| {words}\n")
            self.out.flush()


class Supervisor:
    def __init__(self, screen, *, environment, pid_file):
        self.screen = screen
        self.environment = environment
        self.pid_file = Path(pid_file)
        self.parts = []
        self.stopping = False
        self.preparing = True
        self.failure = ""
        self.selector = selectors.DefaultSelector()
        self.woken, self.waker = socket.socketpair()
        for end in (self.woken, self.waker):
            end.setblocking(False)
        self.selector.register(self.woken, selectors.EVENT_READ)

    # ------------------------------------------------------------------ signals
    def listen(self):
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _asked_to_stop(self, number, frame):
        self.stopping = True
        if self.preparing:
            self.preparing = False
            raise Interrupted

    # ------------------------------------------------------------------ starting
    def start(self, part):
        if part not in self.parts:
            self.parts.append(part)
        here = os.getpid()
        part.process = subprocess.Popen(  # noqa: S603 - our own commands
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,  # a Ctrl-C in the terminal reaches only us
            preexec_fn=lambda: _die_with(here),
        )
        part.started = time.monotonic()
        part.said.clear()
        os.set_blocking(part.process.stdout.fileno(), False)
        self.selector.register(part.process.stdout, selectors.EVENT_READ, part)
        self._write_pids()

    def _write_pids(self):
        lines = [f"{part.process.pid} {' '.join(part.command)}" for part in self.parts if part.alive]
        self.pid_file.write_text("\n".join(lines))

    def end_leftovers(self):
        """Children of a supervisor that was killed, where the kernel did not end them (macOS)."""
        with contextlib.suppress(OSError, ValueError):
            for line in self.pid_file.read_text().splitlines():
                pid, _, command = line.partition(" ")
                if command and command_of(int(pid)) == command:
                    _signal_group(int(pid), signal.SIGTERM)
                    time.sleep(2)
                    _signal_group(int(pid), signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)

    # ------------------------------------------------------------------ watching
    def pump(self, seconds):
        """Show what was said in the next `seconds`; sooner back when something happened."""
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self.woken.recv(4096)
            else:
                self._read(key.data, key.fileobj)

    def _read(self, part, pipe):
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        if not data:
            self.selector.unregister(pipe)
            pipe.close()
        *lines, part.rest = (part.rest + data).split(b"\n")
        if not data and part.rest:
            lines, part.rest = [part.rest], b""
        for line in lines:
            words = line.decode("utf-8", "replace").rstrip()
            part.said = [*part.said[-9:], words]
            if words and not part.quiet:
                self.screen.line(part.name, words)

    def look_after(self):
        """Until somebody asks us to stop, or a part that must not die does."""
        while not self.stopping:
            self.pump(5)
            self.tend()

    def tend(self):
        for part in self.parts:
            if not self.stopping and part.process and not part.alive:
                self._tend_dead(part)

    def _tend_dead(self, part):
        how = how_it_ended(part.process.returncode)
        self._end_group(part)
        for words in part.said if part.quiet else []:
            self.screen.line(part.name, words)
        lived = time.monotonic() - part.started
        part.short_lives = part.short_lives + 1 if lived < SHORT_LIFE and part.process.returncode >= 0 else 0
        if part.essential or part.short_lives >= TRIES:
            self.failure = f"The {part.name} {how}. Everything else is stopped too."
            self.stopping = True
            return
        self.screen.line("run", f"The {part.name} {how}; starting it again.")
        self.start(part)

    # ------------------------------------------------------------------ stopping
    def stop(self):
        """In reverse order; SIGTERM to each main process, SIGKILL to its whole session when that takes too long."""
        self.preparing, self.stopping = False, True
        for part in reversed(self.parts):
            if part.alive:
                part.process.terminate()
                deadline = time.monotonic() + STOP_SECONDS
                while part.alive and time.monotonic() < deadline:
                    self.pump(min(0.2, max(deadline - time.monotonic(), 0)))
                if part.alive:
                    self.screen.line(
                        "run", f"The {part.name} did not stop within {STOP_SECONDS} seconds and was killed."
                    )
            if part.process:
                self._end_group(part)
        self.pid_file.unlink(missing_ok=True)

    def _end_group(self, part):
        _signal_group(part.process.pid, signal.SIGKILL)
        part.process.wait()
        if not part.process.stdout.closed:
            self._read(part, part.process.stdout)
        if not part.process.stdout.closed:
            with contextlib.suppress(KeyError):
                self.selector.unregister(part.process.stdout)
            part.process.stdout.close()


def _signal_group(pid, number):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def how_it_ended(code):
    if code < 0:
        return f"was killed ({signal.Signals(-code).name})"
    return "ended by itself" if code == 0 else f"ended with an error (exit {code})"


def command_of(pid):
    """The command line of a process, or an empty string."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        pass
    with contextlib.suppress(OSError):
        ask = ["ps", "-o", "command=", "-p", str(pid)]
        found = subprocess.run(ask, capture_output=True, text=True, check=False)  # noqa: S603 - a number
        return found.stdout.strip()
    return ""
