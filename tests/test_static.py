"""What the browser gets: vendored files are what they say, ours keep to the content security policy and stay small."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
VENDORED = json.loads((STATIC / "vendor/vendor.json").read_text())
PAGES = sorted(page for page in TEMPLATES.rglob("*.html") if "email" not in page.parts)


def gzipped(*paths):
    return sum(len(gzip.compress((STATIC / path).read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["path"])
def test_a_vendored_file_is_the_one_that_was_looked_at_and_its_licence_is_beside_it(entry):
    assert hashlib.sha256((STATIC / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    assert (STATIC / entry["licence_file"]).read_text().strip()


def test_every_vendored_file_is_listed():
    files = {
        f"vendor/{path.relative_to(STATIC / 'vendor')}" for path in (STATIC / "vendor").rglob("*") if path.is_file()
    }
    listed = {entry[key] for entry in VENDORED for key in ("path", "licence_file")} - {"icons.svg"}
    assert files == listed | {"vendor/vendor.json"}


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.*")), ids=lambda path: str(path.relative_to(STATIC)))
def test_no_file_asks_for_one_that_is_not_there(path):
    if path.suffix not in {".css", ".js"}:
        return
    text = path.read_text()

    assert "sourceMappingURL" not in text
    if path.suffix == ".css":
        asked = [found.strip("'\"") for found in re.findall(r"url\(([^)\"']+|\"[^\"]*\"|'[^']*')\)", text)]
        missing = [url for url in asked if not url.startswith(("data:", "#")) and not (path.parent / url).is_file()]
        assert missing == []


def test_every_icon_a_page_names_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = {
        name
        for page in PAGES
        for name in re.findall(r'{% icon "([^"]+)"', page.read_text()) + re.findall(r'mark="([^"]+)"', page.read_text())
    }
    assert named - sprite == set()


def test_every_static_file_a_page_names_exists():
    named = {name for page in PAGES for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", page.read_text())}
    assert [name for name in sorted(named) if not finders.find(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_no_page_needs_inline_scripts_or_styles(page):
    text = page.read_text()

    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=\"|\shx-on|javascript:|hx-vals=['\"]js:", text) == []


def tokens(selector):
    css = (STATIC / "css/tokens.css").read_text()
    body = css[css.index(selector) + len(selector) :].split("}", 1)[0]
    return dict(re.findall(r"(--[\w-]+):([^;]+);", body))


def test_dark_is_the_same_by_choice_and_by_system():
    assert tokens(":root[data-theme=dark]{") == tokens(":root:not([data-theme=light]){")


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2 contrast ratio of two hex colours."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [":root{\n", ":root[data-theme=dark]{"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("--ink", "--paper", 7),
        ("--ink-2", "--paper", 4.5),
        ("--ink-3", "--sunken", 4.5),
        ("--accent", "--paper", 4.5),
        ("--on-accent", "--fill", 4.5),
        ("--late", "--late-soft", 4.5),
        ("--soon", "--soon-soft", 4.5),
        ("--kept", "--kept-soft", 4.5),
        ("--moved", "--moved-soft", 4.5),
        ("--them", "--them-soft", 4.5),
        ("--accent", "--accent-soft", 4.5),
        ("--field-line", "--paper", 3),
        ("--focus", "--surface", 3),
        *[(f"--av-{face}-ink", f"--av-{face}", 4.5) for face in "abcde"],
    ],
)
def test_words_can_be_read_in_both_themes(theme, ink, ground, least):
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= least


def test_what_a_page_loads_stays_small():
    assert gzipped("css/app.css", "css/tokens.css") <= 12_500
    assert gzipped("vendor/bootstrap-reboot-5.3.9.min.css", "css/tokens.css", "css/client.css") <= 9_000
    assert gzipped("js/app.js") <= 5_000
    assert gzipped("js/composer.js") <= 6_400  # drafts, files on their way, and what could not be sent yet
    assert gzipped("js/survey.js") <= 4_096  # alone on its pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_no_page_loads_more_styles_than_a_slow_phone_should_wait_for(page):
    own = re.findall(r"{% static 'css/([\w-]+\.css)' %}", page.read_text())
    if '{% extends "base_app.html" %}' in page.read_text() and "kit" not in page.stem:
        assert gzipped(*(f"css/{name}" for name in ["app.css", "tokens.css", *own])) <= 16_000
