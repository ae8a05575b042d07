"""Make the virtual environment and install what the lock files pin. Standard library only.

    python3 tools/prepare.py [--dev]

Runs before every `make` target and does nothing when the lock files have not changed. uv installs;
plain pip is the way back. A Python without ensurepip (Debian without python3-venv) gets its pip as a wheel
whose hash stands in requirements-tools.txt.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / "requirements-tools.txt"


class CannotPrepare(Exception):
    """One sentence for the person at the terminal."""


def say(words):
    print(words, flush=True)


def works(*command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fingerprint(files):
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def pinned(package):
    """The version and the accepted SHA-256 hashes of a package in requirements-tools.txt."""
    block = re.search(rf"^{package}==(\S+)(.*?)(?=^\S|\Z)", TOOLS.read_text(), re.MULTILINE | re.DOTALL)
    return block[1], set(re.findall(r"sha256:([0-9a-f]{64})", block[2]))


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - an https package index, or the reader's own
        return answer.read()


def fetch_pip(folder):
    """pip as a wheel, from the package index; its hash must be one we pinned."""
    version, hashes = pinned("pip")
    page = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    name = f"pip-{version}-py3-none-any.whl"
    link = re.search(rf'href="([^"]*{re.escape(name)}[^"]*)"', fetch(page).decode())
    if not link:
        raise CannotPrepare(f"{page} does not offer {name}.")
    wheel = Path(folder) / name
    wheel.write_bytes(fetch(urllib.parse.urljoin(page, link[1])))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() not in hashes:
        raise CannotPrepare(f"The {name} that arrived is not the one pinned in requirements-tools.txt.")
    return wheel


def create():
    say("Making a virtual environment in .venv")
    has_ensurepip = works(sys.executable, "-c", "import ensurepip")
    arguments = [] if has_ensurepip else ["--without-pip"]
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", *arguments, str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotPrepare(
            f"Python's venv module is missing: install it (on Debian and Ubuntu: apt install {venv_package()})."
        )
    if has_ensurepip:
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheel = fetch_pip(folder)
            if not install([str(PYTHON), f"{wheel}/pip"], [TOOLS]):
                raise CannotPrepare("the reason stands above")
    except (OSError, CannotPrepare) as problem:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotPrepare(
            f"This Python has no ensurepip and pip could not be fetched ({problem}); "
            f"install it (on Debian and Ubuntu: apt install {venv_package()})."
        ) from problem


def venv_package():
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def install(pip, files):
    """Install hash-pinned requirement files with `pip`, a command; without a question."""
    wanted = [argument for file in files for argument in ("-r", str(file))]
    command = [*pip, "install", "-q", "--require-hashes", *wanted]
    here = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=False)
    if done.returncode:
        say((done.stderr or done.stdout).strip()[-2000:])
    return done.returncode == 0


def fill(files):
    say("Installing the pinned packages (once; about a minute on a good line)")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    uv = str(VENV / "bin" / "uv")
    if (works(uv, "--version") or install(pip, [TOOLS])) and install([uv, "pip"], files):
        return
    say("uv did not manage: going on with plain pip")
    if not install(pip, files):
        raise CannotPrepare("The pinned packages could not be installed; the reason stands above.")


def prepare(*, dev):
    if sys.version_info < (3, 11):  # noqa: UP036 - runs under whatever Python the machine has
        raise CannotPrepare(f"Python 3.11 or newer is needed; this one is {sys.version.split()[0]}.")
    files = [ROOT / "requirements.txt", *([ROOT / "requirements-dev.txt"] if dev else [])]
    stamp = VENV / ("installed-dev" if dev else "installed")
    wanted = fingerprint(files)
    usable = works(str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))")
    if usable and stamp.exists() and stamp.read_text() == wanted:
        return
    if not usable:
        create()
    fill(files)
    (VENV / "installed").write_text(fingerprint(files[:1]))
    stamp.write_text(wanted)


if __name__ == "__main__":
    try:
        prepare(dev="--dev" in sys.argv)
    except CannotPrepare as problem:
        sys.exit(f"Partnership CRM: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
