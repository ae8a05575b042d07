"""A browser on a survey, as far as saving goes: its own cookies, a line kept open, and patience as in survey.js."""

import http.client
import json
import re
import time
from html import unescape
from urllib.parse import urlencode

PATIENCE = 90  # seconds until it gives up on one answer


class Browser:
    """`saved` is what the page called saved; `met` what it met on the way."""

    def __init__(self, port, token, address, answers):
        self.port, self.token, self.address, self.answers = port, token, address, answers
        self.line, self.cookies = None, {}
        self.saved, self.met, self.thanked = {}, [], False

    def answer(self):
        page = self.insist(lambda: self.ask("GET", f"/s/{self.token}/"), wanted=(200,))[1].decode()
        self.csrf = unescape(re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1])
        for key, value in self.answers.items():
            status, body = self.insist(lambda key=key, value=value: self.save(key, value), wanted=(200, 409))
            if status == 200 and json.loads(body)["saved"]:
                self.saved[key] = value
            elif status == 409 and json.loads(body)["newer"] == [[f"q-{key}", value]]:
                self.saved[key] = value  # our own save, whose answer never came back
        everything = {f"q-{key}": value for key, value in self.answers.items()}
        self.insist(lambda: self.post(f"/s/{self.token}/", everything), wanted=(302,))
        self.thanked = True
        self.line.close()

    def save(self, key, value):
        return self.post(f"/s/{self.token}/answer/", {"question": key, f"q-{key}": value, "age": "0", f"w-{key}": ""})

    def post(self, path, said):
        return self.ask("POST", path, urlencode({**said, "csrfmiddlewaretoken": self.csrf}))

    def insist(self, request, *, wanted):
        """Again and again, with a pause, as long as the server has trouble or is not there."""
        until, pause = time.monotonic() + PATIENCE, 0.2
        while True:
            try:
                status, body = request()
                if status in wanted:
                    return status, body
                self.met.append("later" if status >= 500 else f"{status}")
            except (OSError, http.client.HTTPException):
                self.met.append("broken line")
                if self.line is not None:
                    self.line.close()
                self.line = None
            if time.monotonic() > until:
                raise TimeoutError(f"{self.address} gave up: {self.met[-5:]}")
            time.sleep(pause)
            pause = min(pause * 1.5, 2)

    def ask(self, method, path, body=None):
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        said = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, said
