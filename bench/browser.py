"""Asks pages of the real web server, one after the other on one line, and takes the time."""

import http.client
import os
import subprocess
import sys
import time
from urllib.parse import urlencode

from tests.services import free_port, wait_for

CSRF = "b" * 32
FORM = "application/x-www-form-urlencoded"


class Web:
    """The server of `make run` with one worker, on a free port, for as long as the measuring takes."""

    def __init__(self, log):
        self.port, self.log, self.process = free_port(), log, None

    def __enter__(self):
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "1", "--http", "1", "--no-ws"]
        command += ["--log-level", "warning", "partnership_crm.wsgi:application"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                command, stdout=log, stderr=log, env={**os.environ, "BASE_URL": ""}
            )
        try:
            wait_for(self.answers, seconds=60, what="web server ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise SystemExit(f"The web server ended at once:\n{log.read()[-2000:]}")
        try:
            return Browser(self.port).ask("GET", "/healthz")[1] < 500
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Browser:
    """A line that stays open, with the cookies of somebody signed in (or of nobody)."""

    def __init__(self, port, session=""):
        from django.conf import settings

        cookies = {settings.CSRF_COOKIE_NAME: CSRF}
        if session:
            cookies[settings.SESSION_COOKIE_NAME] = session
        self.cookies = cookies
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def carry(self, cookies):
        """Take over what another line of the same person was given: a survey's link belongs to one browser."""
        self.cookies = {name: cookie.value for name, cookie in cookies.items()} | self.cookies

    def ask(self, method, path, data=None):
        """(seconds, status) of one request, its whole answer read."""
        body, headers = None, {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            body = urlencode({"csrfmiddlewaretoken": CSRF, **data})
            headers = {**headers, "Content-Type": FORM}
        started = time.perf_counter()
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        answer.read()
        return time.perf_counter() - started, answer.status
