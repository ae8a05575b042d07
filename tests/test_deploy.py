"""A server as the README sets it up: Django finds nothing to say, and every static file a page names is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_settings import ROOT, SERVER

# Signs somebody in and looks at pages, in a process with the server's settings.
LOOK = """
import json
import django
django.setup()
from django.test import Client as Browser
from tests.make import make_administrator, make_client
from django.utils import timezone
browser, signed_out = Browser(), Browser()
person = make_administrator(name="Ada Quill")
browser.force_login(person)
client = make_client(name="Tidewell Water", owner=person)
pages = {}
for path in ("/", "/clients/", client.get_absolute_url(), "/promises/", "/surveys/", "/gaps/", "/overview/",
             "/profile/", "/settings/", "/settings/people/", "/log/", "/nothing-here/"):
    answer = browser.get(path, secure=True, headers={"host": "crm.example.org"})
    pages[path] = [answer.status_code, answer.text]
for path in ("/accounts/login/", "/s/unknown/", "/u/unknown/", "/mailbox/", "/_kit/"):
    answer = signed_out.get(path, secure=True, headers={"host": "crm.example.org"})
    pages["out:" + path] = [answer.status_code, answer.text]
answer = signed_out.get("/accounts/login/", headers={"host": "crm.example.org"})
pages["http"] = [answer.status_code, answer["Location"]]
cookie = browser.get("/", secure=True, headers={"host": "crm.example.org"})
answer = signed_out.get("/accounts/login/", secure=True, headers={"host": "crm.example.org"})
pages["cookies"] = [200, str(answer.cookies)]
pages["headers"] = [200, json.dumps(dict(answer.headers))]
print(json.dumps(pages))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Runs a command with the settings of a server; its database is a file, which a real one would not have."""
    folder = tmp_path_factory.mktemp("server")
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "partnership_crm.settings",
        "PYTHONPATH": str(ROOT),
        **SERVER,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"),
        "LOG_LEVEL": "ERROR",
        "WEB_TICK_SECONDS": "0",
    }

    def run(*command):
        whole = [sys.executable, "-W", "error::DeprecationWarning", *command]
        return subprocess.run(whole, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    run.static = folder / "static"
    return run


def test_djangos_own_check_of_a_server_has_nothing_to_say(server):
    done = server("manage.py", "check", "--deploy", "--fail-level", "DEBUG")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.fixture(scope="module")
def collected(server):
    done = server("manage.py", "collectstatic", "--noinput", "-v0")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return json.loads((server.static / "staticfiles.json").read_text())["paths"]


def test_every_file_is_collected_under_a_name_with_its_hash_and_compressed(server, collected):
    originals = {str(path.relative_to(ROOT / "static")) for path in (ROOT / "static").rglob("*.*") if path.is_file()}

    assert originals <= set(collected)
    assert [name for name, hashed in collected.items() if not (server.static / hashed).is_file()] == []
    assert [name for name, hashed in collected.items() if not re.search(r"\.[0-9a-f]{12}\.", Path(hashed).name)] == []
    scripts = [server.static / hashed for name, hashed in collected.items() if name.endswith((".css", ".js"))]
    assert [
        path.name for path in scripts if path.stat().st_size > 2000 and not path.with_name(path.name + ".gz").exists()
    ] == []


def test_what_a_collected_file_names_is_collected_too(server, collected):
    missing = []
    for hashed in collected.values():
        path = server.static / hashed
        if path.suffix not in (".css", ".js", ".svg"):
            continue
        text = path.read_text()
        for named in re.findall(r"url\([\"']?([^)\"'#]+)[\"']?\)|sourceMappingURL=(\S+)", text):
            target = (named[0] or named[1]).partition("?")[0]
            if target and not target.startswith("data:") and not (path.parent / target).is_file():
                missing.append((hashed, target))

    assert missing == []


@pytest.fixture(scope="module")
def pages(server, collected):
    migrated = server("manage.py", "migrate", "-v0")
    assert migrated.returncode == 0, migrated.stderr
    done = server("-c", LOOK)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_every_page_names_only_files_with_a_hash_that_are_there(server, pages):
    named = {
        (path, file)
        for path, (_status, text) in pages.items()
        for file in re.findall(r"[\"'(](/static/[^\"')#?\s]+)", text)
    }

    assert len(named) > 50
    assert [
        (path, file) for path, file in sorted(named) if not (server.static / file[len("/static/") :]).is_file()
    ] == []
    assert [(path, file) for path, file in sorted(named) if not re.search(r"\.[0-9a-f]{12}\.", file)] == []
    assert any("/icons." in file for _path, file in named)


def test_pages_are_there_and_what_belongs_to_one_machine_is_not(pages):
    statuses = {path: status for path, (status, _text) in pages.items()}

    away = {"/nothing-here/": 404, "out:/s/unknown/": 404, "out:/u/unknown/": 404, "http": 301}
    # Without a sign-in an address of nothing and one of somebody look alike.
    assert {path: status for path, status in statuses.items() if status != 200} == {
        **away, "out:/mailbox/": statuses["out:/mailbox/"], "out:/_kit/": statuses["out:/_kit/"],
    }  # fmt: skip
    assert statuses["out:/mailbox/"] == statuses["out:/_kit/"] == 404
    assert "partnership" not in pages["out:/accounts/login/"][1].partition("<form")[2].partition("</form>")[0].lower()


def test_https_only_with_cookies_that_stay_there(pages):
    headers = json.loads(pages["headers"][1])

    assert pages["http"][1] == "https://crm.example.org/accounts/login/"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert "Secure" in pages["cookies"][1]
    assert "SameSite=Lax" in pages["cookies"][1]
