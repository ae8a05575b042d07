"""The arrows of the house: who may import whom. Read from the source, so that no import hides."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "outbox": set(),
    "accounts": {"outbox"},
    "clients": {"accounts", "outbox"},
    "promises": {"clients", "accounts", "outbox"},
    "partnerships": {"promises", "clients", "accounts", "outbox"},
    "surveys": {"partnerships", "promises", "clients", "accounts", "outbox"},
    "dashboard": {"surveys", "partnerships", "promises", "clients", "accounts", "outbox"},
    "partnership_crm": set(),  # wiring: names the rooms as strings
}
JUNK_DRAWERS = {"common", "core", "helpers", "misc", "services", "utils"}


def imports_of(source, *, package):
    """The dotted names a piece of source imports, relative ones made absolute, wherever in it they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield ".".join([*above, *([node.module] if node.module else [])])


def wrong_arrows(room):
    wrong = []
    for path in sorted((ROOT / room).rglob("*.py")):
        package = ".".join(path.relative_to(ROOT).parent.parts)
        for name in imports_of(path.read_text(), package=package):
            other = name.partition(".")[0]
            if other in MAY_IMPORT and other != room and other not in MAY_IMPORT[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    return wrong


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_down_only(room):
    assert wrong_arrows(room) == []


def test_a_wrong_arrow_is_seen_wherever_it_hides():
    source = "def later():\n    from surveys.models import Round\nimport dashboard.my_day as x\nfrom . import look\n"

    assert list(imports_of(source, package="outbox.pages")) == ["dashboard.my_day", "outbox.pages", "surveys.models"]


def test_every_room_is_in_the_house():
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert rooms - {"tests", "bench"} == set(MAY_IMPORT)


def test_the_dashboard_has_no_models():
    from django.apps import apps

    assert list(apps.get_app_config("dashboard").get_models()) == []


def test_no_junk_drawers():
    names = {path.stem for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py")}

    assert names & JUNK_DRAWERS == set()


def test_the_clock_is_asked_at_the_edge():
    """Pure modules take `now`; they never ask."""
    pure = ["accounts/worktime.py", "promises/notice.py", "promises/outcomes.py", "promises/charts.py"]
    pure += ["promises/capture.py", "promises/spoken.py", "promises/spoken_days.py"]
    pure += ["surveys/gap.py", "surveys/priority.py", "surveys/nps.py", "surveys/charts.py"]
    asking = [name for name in pure if (ROOT / name).exists() and "timezone.now(" in (ROOT / name).read_text()]

    assert asking == []


def test_nothing_inline_in_any_template():
    """The content security policy would switch it off; here it does not even get in. Mails are not pages."""
    forbidden = ("<style", " style=", "onclick=", "onchange=", "onsubmit=", "javascript:", "hx-on")
    found = [
        f"{path.relative_to(ROOT)}: {words}"
        for path in sorted(ROOT.glob("templates/**/*.html"))
        if "email" not in path.parts
        for words in forbidden
        if words in path.read_text()
    ]

    assert found == []
