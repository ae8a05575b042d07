"""A small IMAP server on a real socket: what RFC 3501, UIDPLUS and MOVE ask for, as far as reading new mail goes.

`with ImapServer() as server: server.put(b"…")`. It counts what it is asked, and can be told to misbehave.
"""

import base64
import re
import socketserver
import ssl
import subprocess
import threading

USER = "bounces@firm.example"
PASSWORDS = {"PLAIN": 'zwei "Wörter" \\ ☂', "LOGIN": 'two "words" \\ and more'}  # LOGIN has only ASCII


ANSWERED = object()


class Folder:
    def __init__(self):
        self.mails = {}  # uid: [bytes, set of flags]
        self.uidvalidity = 1
        self.next_uid = 1

    def put(self, raw, flags=()):
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = [raw, set(flags)]
        return uid


class ImapServer:
    def __init__(self, *, move=True, tls=None, starttls=None, sign_in="PLAIN"):
        self.starttls = starttls
        self.sign_in, self.password = sign_in, PASSWORDS[sign_in]
        self.folders = {"INBOX": Folder()}
        self.move, self.tls = move, tls
        self.commands = []
        self.sent_bytes = 0
        self.fail = {}  # a command: "NO", "BAD", "drop" or "hang"
        self.released = threading.Event()

    @property
    def inbox(self):
        return self.folders["INBOX"]

    def put(self, raw):
        return self.inbox.put(raw)

    def seen(self, folder="INBOX"):
        return [uid for uid, (_, flags) in self.folders[folder].mails.items() if "\\Seen" in flags]

    def url(self, **replaced):
        from urllib.parse import quote

        parts = {"scheme": "imap", "user": USER, "password": self.password, "folder": "INBOX", "query": "", **replaced}
        who = f"{quote(parts['user'], safe='')}:{quote(parts['password'], safe='')}"
        return f"{parts['scheme']}://{who}@localhost:{self.port}/{quote(parts['folder'])}{parts['query']}"

    def __enter__(self):
        server = self

        class Handler(_Handler):
            imap = server

        class Tcp(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            block_on_close = False

            def get_request(self):
                sock, address = super().get_request()
                if server.tls:
                    try:
                        sock = server.tls.wrap_socket(sock, server_side=True)
                    except (ssl.SSLError, OSError) as problem:
                        sock.close()
                        raise OSError("no TLS") from problem
                return sock, address

        self._tcp = Tcp(("127.0.0.1", 0), Handler)
        self.port = self._tcp.server_address[1]
        self._thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_unused):
        self.released.set()
        self._tcp.shutdown()
        self._tcp.server_close()
        self._thread.join()


class _Bye(Exception):
    pass


class _Handler(socketserver.StreamRequestHandler):
    imap = None

    def handle(self):
        self.folder, self.signed_in = None, False
        self.say("* OK ready")
        try:
            while line := self.line():
                tag, _, rest = line.partition(" ")
                self.answer(tag, rest)
        except (_Bye, OSError):
            pass

    def finish(self):
        super().finish()
        self.request.close()  # after STARTTLS it is another one than the server accepted

    def line(self):
        """One command, its literals taken in."""
        text = self.rfile.readline().decode("utf-8").rstrip("\r\n")
        while found := re.search(r"\{(\d+)\}$", text):
            self.say("+ go on")
            literal = self.rfile.read(int(found[1])).decode()
            text = text[: found.start()] + literal + self.rfile.readline().decode().rstrip("\r\n")
        return text

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, tag, rest):
        words = rest.split(" ")
        name = words[0].upper()
        if name == "UID":
            name = f"UID {words[1].upper()}"
        self.imap.commands.append(rest if name != "LOGIN" else "LOGIN")
        fault = self.imap.fail.get(name) or self.imap.fail.get(" ".join([name, *words[2:3]]))
        if fault == "drop":
            raise _Bye
        if fault == "hang":
            self.imap.released.wait(60)
            raise _Bye
        if fault:
            self.say(f"{tag} {fault} because the test says so")
            return
        self.tag = tag
        method = getattr(self, "do_" + name.lower().replace(" ", "_"), None)
        arguments = rest.split(" ", 2)[2] if name.startswith("UID") else rest.partition(" ")[2]
        reply = method(arguments) if method else "BAD what is that"
        if reply is not ANSWERED:
            self.say(f"{tag} {reply or 'OK done'}")
        if name == "LOGOUT":
            raise _Bye

    def do_capability(self, _unused):
        plain = " AUTH=PLAIN" if self.imap.sign_in == "PLAIN" else ""
        plain += " STARTTLS" if self.imap.starttls else ""
        plain += " X-AND-MANY-MORE" * 30  # Dovecot says more than 500 letters
        more = " UIDPLUS" + (" MOVE" if self.imap.move else "") if self.signed_in else ""
        self.say("* CAPABILITY IMAP4rev1" + plain + more)

    def do_starttls(self, _unused):
        self.say(f"{self.tag} OK begin")
        self.request = self.imap.starttls.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        return ANSWERED

    def do_authenticate(self, said):
        self.say("+ ")
        _, user, password = base64.b64decode(self.rfile.readline()).decode().split("\0")
        return self.check(user, password)

    def check(self, user, password):
        self.signed_in = (user, password) == (USER, self.imap.password)
        if not self.signed_in:
            return "NO [AUTHENTICATIONFAILED] that is not the password"

    def do_login(self, said):
        user, password = (re.sub(r"\\(.)", r"\1", a or b) for a, b in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', said))
        return self.check(user, password)

    def do_select(self, said):
        self.folder = self.imap.folders.get(_name(said))
        if self.folder is None:
            return "NO there is no such folder"
        self.say(f"* {len(self.folder.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.folder.uidvalidity}] as it is")
        self.say(f"* OK [UIDNEXT {self.folder.next_uid}] comes next")
        return "OK [READ-WRITE] open"

    def do_uid_search(self, said):
        low = int(re.match(r"UID (\d+):\* SINCE \d{1,2}-[A-Z][a-z]{2}-\d{4}$", said)[1])
        uids = sorted(self.folder.mails)
        found = [uid for uid in uids if uid >= low] or uids[-1:]  # “n:*” holds the last one in any case
        self.say(f"* SEARCH {' '.join(map(str, found))}".rstrip())

    def do_uid_fetch(self, said):
        uid, most = map(int, re.match(r"(\d+) \(UID BODY\.PEEK\[\]<0\.(\d+)>\)$", said).groups())
        if uid in self.folder.mails:
            body = self.folder.mails[uid][0][:most]
            self.imap.sent_bytes += len(body)
            self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")\r\n")

    def do_uid_store(self, said):
        uid, flag = re.match(r"(\d+) \+FLAGS\.SILENT \((\S+)\)$", said).groups()
        if int(uid) in self.folder.mails:
            self.folder.mails[int(uid)][1].add(flag)

    def do_uid_copy(self, said, *, move=False):
        uid, name = re.match(r"(\d+) (.+)$", said).groups()
        target = self.imap.folders.get(_name(name))
        if target is None:
            return "NO [TRYCREATE] there is no such folder"
        if int(uid) in self.folder.mails:
            target.put(*self.folder.mails[int(uid)])
            if move:
                del self.folder.mails[int(uid)]

    def do_uid_move(self, said):
        return self.do_uid_copy(said, move=True) if self.imap.move else "BAD no"

    def do_uid_expunge(self, said):
        if "\\Deleted" in self.folder.mails.get(int(said), [b"", set()])[1]:
            del self.folder.mails[int(said)]

    def do_create(self, said):
        self.imap.folders[_name(said)] = Folder()

    def do_logout(self, _unused):
        self.say("* BYE")


def _name(said):
    return re.sub(r"\\(.)", r"\1", said.strip().strip('"'))


def own_certificate(folder):
    """(a TLS context with a certificate for localhost that only itself has signed, the file of the certificate)."""
    pem, key = folder / "certificate.pem", folder / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*made, "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return context, pem
