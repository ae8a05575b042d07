"""What can be set is written down, and a server does not start half set."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVER = {
    "SECRET_KEY": "a-long-secret-of-this-test-0123456789-0123456789-abcdefgh",
    "ALLOWED_HOSTS": "crm.example.org",
    "DATABASE_URL": "postgres://crm@%2Frun%2Fpostgres/crm",
    "DEFAULT_FROM_EMAIL": "crm@example.org",
    "BASE_URL": "https://crm.example.org",
}


def variables():
    """The names settings.py reads from the environment."""
    tree = ast.parse((ROOT / "partnership_crm" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    asks = [call for call in calls if re.fullmatch(r"env(\.\w+)?", ast.unparse(call.func)) and call.args]
    return {call.args[0].value for call in asks if isinstance(call.args[0], ast.Constant)}


def ask_settings(expression, tmp_path, **environment):
    """Evaluate an expression against settings read in a process of its own; the environment is only what is given."""
    code = f"from django.conf import settings; print(({expression}))"
    wanted = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "partnership_crm.settings",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=wanted | environment, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_the_example_file_lists_every_variable():
    example = re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(set(example)) == sorted(variables())
    assert len(example) == len(set(example))


def test_the_readme_table_lists_every_variable():
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert sorted(table) == sorted(variables())


@pytest.mark.parametrize("name", SERVER)
def test_a_server_without_what_it_needs_does_not_start(name, tmp_path):
    environment = {key: value for key, value in SERVER.items() if key != name}

    code, said = ask_settings("settings.DEBUG", tmp_path, **environment)

    assert code == 1
    assert f"Set {name} in the environment" in said


def test_a_server_with_all_it_needs_starts_without_debug_mailbox_or_demo(tmp_path):
    code, said = ask_settings("settings.DEBUG, settings.MAILBOX, settings.DEMO", tmp_path, **SERVER)

    assert (code, said) == (0, "(False, False, False)")


def test_a_server_refuses_to_keep_its_mail_in_a_mailbox(tmp_path):
    code, said = ask_settings("settings.MAILBOX", tmp_path, **SERVER, EMAIL_URL="mailbox://")

    assert code == 1
    assert said.endswith("EMAIL_URL=mailbox:// is for one machine; a server needs smtp://…")


def test_cookies_travel_only_over_https_on_a_server(tmp_path):
    asked = "settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_HSTS_SECONDS > 0"

    assert ask_settings(asked, tmp_path, **SERVER) == (0, "True")


def test_a_socket_folder_can_stand_in_the_database_address(tmp_path):
    assert ask_settings("settings.DATABASES['default']['HOST']", tmp_path, **SERVER) == (0, "/run/postgres")


def test_a_long_data_folder_moves_the_broker_socket(tmp_path):
    deep = tmp_path / ("long" * 30)

    code, said = ask_settings("len(str(settings.BROKER_SOCKET)) < 100", deep, EMBEDDED="1")

    assert (code, said) == (0, "True")


def test_a_wrong_port_is_one_sentence(tmp_path):
    code, said = ask_settings("settings.PORT", tmp_path, EMBEDDED="1", PORT="eighty")

    assert code == 1
    assert said.endswith("PORT must be a whole number, not eighty.")


def test_a_command_typed_by_hand_belongs_to_the_one_machine_installation(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "diffsettings", "--all"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert "\nEMBEDDED = True" in done.stdout or "\n### EMBEDDED = True" in done.stdout


def test_a_command_on_a_half_set_server_says_what_is_missing_in_one_line(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "x",
        "BASE_URL": "https://x.example",
    }
    command = [sys.executable, "manage.py", "check"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(
        "Partnership CRM cannot start: Set ALLOWED_HOSTS, DATABASE_URL, DEFAULT_FROM_EMAIL in"
    )


def test_a_database_without_tables_is_one_sentence(tmp_path):
    command = [sys.executable, "manage.py", "create_admin", "ann@firm.example"]
    environment = {"PATH": os.environ["PATH"], "EMBEDDED": "1", "DATA_DIR": str(tmp_path)}

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Partnership CRM: The database is not prepared yet; run: manage.py migrate\n"


@pytest.mark.parametrize(
    ("address", "backend"),
    [
        ("redis://redis.example.org:6379/0", "accounts.counts.SharedCounts"),
        ("rediss://redis.example.org:6379/0", "accounts.counts.SharedCounts"),
        ("redis+socket:///run/redis.sock", "django.core.cache.backends.locmem.LocMemCache"),
    ],
)
def test_web_processes_count_together_where_there_is_a_redis_on_the_network(tmp_path, address, backend):
    assert ask_settings("settings.CACHES['default']['BACKEND']", tmp_path, **SERVER, REDIS_URL=address) == (0, backend)
