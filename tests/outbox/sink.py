"""A real SMTP server that does to each recipient what it is told to, and remembers what it took.

The local part of an address says what happens, once or for ever:
`ann@…` is taken, `ann+450@…` gets that code at RCPT, `ann+data550@…` after the end of DATA, and the words below.
Codes can also be given per address with `sink.answers["ann@x.example"] = ["451", "ok"]`: one per try; and by what is
in a mail with `sink.judge`, a function of the message that gives one of the words for the end of DATA.
"""

import asyncio
import email
import logging
from collections import Counter, defaultdict

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

logging.getLogger("mail.log").setLevel(logging.ERROR)

HANG = "hang"  # says nothing any more after the end of DATA
HANG_AT_RCPT = "hang-rcpt"
DROP_AT_RCPT = "drop-rcpt"
DROP_BEFORE_END = "drop-data"  # resets when DATA is asked for
DROP_AFTER_TAKING = "drop-after"  # takes the mail and drops the line instead of saying so
DROP_WITHOUT_TAKING = "drop-end"  # reads the mail to its end, throws it away, drops the line
OK = "ok"


class Sink:
    """`taken` has one entry for each mail accepted; `answers` says what the next tries get."""

    def __init__(self, *, port=0, host="127.0.0.1"):
        self.answers = defaultdict(list)
        self.always = {}
        self.greeting = None
        self.taken = []
        self.asked = Counter()
        self.sessions = 0
        self.quits = 0
        self.on_quit = None
        self.judge = None
        self.pause = 0
        self._controller = _Controller(self, hostname=host, port=port or _free_port())

    def __enter__(self):
        self._controller.start()
        self.port = self._controller.port
        self.sessions = 0  # without the controller's own look whether it is up
        return self

    def __exit__(self, *_):
        self._controller.stop(no_assert=True)

    def next_answer(self, address):
        self.asked[address] += 1
        if self.answers[address]:
            return self.answers[address].pop(0)
        return self.always.get(address) or _from_address(address)

    def verdict(self, envelope):
        """What happens at the end of DATA: what the address says, else what the judge says of the mail."""
        if self.judge and envelope.plan == OK:
            return self.judge(read(envelope))
        return envelope.plan

    def keep(self, envelope):
        message = read(envelope)
        self.taken.append((envelope.rcpt_tos[0], message["Message-ID"], message))

    @property
    def recipients(self):
        return [to for to, _, _ in self.taken]

    @property
    def mails(self):
        return [message for _, _, message in self.taken]


def read(envelope):
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def _free_port():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _from_address(address):
    local = address.partition("@")[0]
    return local.partition("+")[2] or OK


class _Controller(Controller):
    def __init__(self, sink, **arguments):
        self.sink = sink
        super().__init__(_Handler(sink), ready_timeout=10, **arguments)

    def factory(self):
        self.sink.sessions += 1
        return _Server(self.sink, self.handler, enable_SMTPUTF8=False)


class _Server(SMTP):
    def __init__(self, sink, handler, **arguments):
        super().__init__(handler, **arguments)
        self.sink = sink

    async def push(self, status):
        # The greeting is the first thing said, before anything was heard.
        if self.sink.greeting and self.session.host_name is None and str(status).startswith("220"):
            status = self.sink.greeting
        await super().push(status)

    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and getattr(self.envelope, "plan", OK) == DROP_BEFORE_END:
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, sink):
        self.sink = sink

    async def handle_RCPT(self, server, session, envelope, address, options):
        plan = self.sink.next_answer(address)
        envelope.plan = plan
        if plan == DROP_AT_RCPT:
            server.transport.abort()
            await asyncio.sleep(3600)
        if plan == HANG_AT_RCPT:
            await asyncio.sleep(3600)
        if plan.isdigit():
            return f"{plan} {WORDS.get(plan, 'No')}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        plan = self.sink.verdict(envelope)
        await asyncio.sleep(self.sink.pause)
        if plan == HANG:
            await asyncio.sleep(3600)
        if plan == DROP_WITHOUT_TAKING:
            server.transport.abort()
            await asyncio.sleep(3600)
        if plan.startswith("data"):
            return f"{plan[4:]} {WORDS.get(plan[4:], 'No')}"
        self.sink.keep(envelope)
        await asyncio.sleep(self.sink.pause)
        if plan == DROP_AFTER_TAKING:
            server.transport.abort()
            await asyncio.sleep(3600)
        return "250 Taken"

    async def handle_QUIT(self, server, session, envelope):
        self.sink.quits += 1
        if self.sink.on_quit:
            await asyncio.get_running_loop().run_in_executor(None, self.sink.on_quit)
        return "221 Bye"


WORDS = {
    "421": "4.7.0 Too many connections",
    "450": "4.2.0 Mailbox busy",
    "451": "4.7.1 Greylisted, come back later",
    "452": "4.2.2 Mailbox full",
    "550": "5.1.1 No such user",
    "552": "5.2.2 Mailbox full",
    "554": "5.7.1 Refused by policy",
}
