"""What clients read is whole in German, French and Spanish; what we read is whole in German."""

import datetime as dt
import gettext
import importlib.util
import io
import re
from collections import Counter
from functools import cache
from html import unescape

import pytest
from django.core import mail
from django.template import Context, Template
from django.test import Client as Browser
from django.utils import translation
from django.utils.html import strip_tags

from accounts.quick import date_format
from dashboard import planners
from tests.client_mails import TYPED, send_every_one, urls_of
from tests.conftest import NOW, browser_of
from tests.firm import Firm, routes
from tests.make import make_client, make_promise, make_request, make_user

LANGUAGES = ("de", "fr", "es")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>")
# They change who looks on, or show what a client reads, or how a question is put in other languages.
NOT_OURS = ("account_logout", "mailbox_clear", "kit_client", "kit", "questionnaire_translate", "survey_preview")
# What the records of the walk through our pages, and the names of columns in files, say in words that are also ours.
TYPED_HERE = ("All in all", "May we call you", "This year", "are open", "job title", "partner since", "promised to")
QUOTES = {"de": "„“", "fr": "«»", "es": "«»"}


def _tool():
    from tests.test_architecture import ROOT

    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


tool = _tool()


def ids_of(message):
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def words_of(message):
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def catalogue(language):
    """What is translated; that nothing is left is a test of its own."""
    left = {(message.context, message.id) for message in tool.untranslated(tool.read(language))}
    return [one for one in tool.read(language) if one.id and (one.context, one.id) not in left]


def test_every_name_under_which_words_are_translated_is_looked_for():
    names = {
        name
        for path in [*tool.our_files(), *tool.client_files()]
        if path.suffix == ".py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("from django.utils.translation import ")
        for name in re.findall(r"\w*gettext\w*(?: as (\w+))?", line.partition("import ")[2])
        if name
    }

    assert names - set(tool.KEYWORDS) - {"gettext_module"} == set()


def said_in(files):
    return {(message.context, message.id) for message in tool.extracted(files) if message.id}


# -------------------------------------------------------------------- the catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = gettext.GNUTranslations(io.BytesIO(tool.po_path(language).with_suffix(".mo").read_bytes()))
    written = gettext.GNUTranslations(io.BytesIO(tool.compiled(language)))

    assert compiled._catalog == written._catalog, "Run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_client_reads_is_translated(language):
    known = {(message.context, message.id) for message in tool.read(language) if message.id}
    said = said_in(tool.client_files())
    left = {(message.context, message.id) for message in tool.untranslated(tool.read(language))}

    assert sorted(said - known, key=str) == [], "Run: make messages"
    assert sorted(left & said, key=str) == []
    if language not in tool.OURS:
        assert sorted(known - said, key=str) == [], "Nobody says this any more. Run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_original_does(language):
    wrong = []
    for message in catalogue(language):
        filled = [Counter(PLACEHOLDER.findall(words)) for words in ids_of(message)]
        for place, words in enumerate(words_of(message)):
            # where there is one of it, a number may be written out, or not
            if Counter(PLACEHOLDER.findall(words)) not in (filled if place == 0 else filled[-1:]):
                wrong.append((message.id, words))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_set_as_their_readers_set_them(language):
    wrong = []
    for message in catalogue(language):
        for words in words_of(message):
            text = re.sub(r"<[^>]+>", "", words)
            marks = set(text) & set("“”„«»\"'")
            if marks - set(QUOTES[language]) or "..." in text:
                wrong.append(words)
            if language == "fr" and re.search(r"[^\s\u202f\u00a0\d][?!;]|[^\u00a0\w]:|\w:(?!//)|«[^\u00a0]", text):
                wrong.append(words)
            if language == "es" and (text.count("?") != text.count("¿") or text.count("!") != text.count("¡")):
                wrong.append(words)

    assert wrong == []


# -------------------------------------------------------------------- what we read


@pytest.mark.parametrize("language", tool.OURS)
def test_everything_we_read_ourselves_is_translated(language):
    known = {(message.context, message.id) for message in tool.read(language) if message.id}
    said = said_in(tool.files_of(language))

    assert sorted(said - known, key=str) == [], "Run: make messages"
    assert sorted(known - said, key=str) == [], "Nobody says this any more. Run: make messages"
    assert [message.id for message in tool.untranslated(tool.read(language))] == []


def test_no_word_our_own_pages_say_is_translated_for_clients_only():
    """Else what we call something among ourselves and what we call it to clients could not differ."""
    ours = {words for path in tool.our_files() for words in tool.words_in(path)}
    shared = {tool.ROOT / name for name in tool.SHARED}
    clients = {words for path in tool.client_files() if path not in shared for words in tool.words_in(path)}

    assert sorted(clients & ours, key=str) == [], "Give it the context “client” where a client reads it."


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["account_manager", "administrator"])
def test_our_own_pages_have_no_english_left_for_whoever_reads_german(clock, role):
    anna = make_user(name="Anna Berg", language="de", role=role)
    firm, web = Firm(owner=anna), browser_of(anna)
    ours = [route for route in routes() if not route.pattern.startswith(("s/", "p/", "c/", "u/"))]
    found = {}
    for route in ours:
        if route.name in NOT_OURS:
            continue
        answer = web.get(firm.address(route, user=anna))
        if answer.streaming:
            b"".join(answer)  # to its end: a file that nobody reads stays open
        elif answer["Content-Type"].startswith("text/html"):
            html = answer.content.decode()
            assert '<html lang="de"' in html or "<html" not in html, route.name
            found[route.name] = ours_in_english(text_of(html))

    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) > 50


@cache
def _our_english():
    """What we say in English, in pieces of two words and more that no German message has in it."""
    german = " ".join(words for message in catalogue("de") for words in words_of(message))
    ours = {words for _context, ids in said_in(tool.our_files()) for words in ((ids,) if isinstance(ids, str) else ids)}
    clients = " ".join(words for message in _to_clients("de") for words in ids_of(message))
    pieces = {
        words for words in map(plain, ours) if words not in clients
    }  # what a client reads is shown in their words
    return sorted(words for words in pieces if " " in words and len(words) > 6 and words not in german)


def ours_in_english(text):
    met = [words for words in _our_english() if words in text and words not in TYPED_HERE]
    return [words for words in met if re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text)]


@pytest.mark.django_db
def test_what_we_mail_to_a_colleague_is_in_their_language(clock, deliver_queued):
    anna = make_user(name="Anna Berg", language="de")
    client = make_client(name="Kestrel AG", owner=anna)
    make_promise(client=client, owner=anna, what="Angebot", due_at=NOW - dt.timedelta(days=2), importance="critical")
    make_promise(client=client, owner=anna, what="Bericht", due_at=NOW + dt.timedelta(hours=8))
    make_request(client=client, text="Was kostet das?", asked_at=NOW - dt.timedelta(days=3))
    sent = []
    for moment in (NOW, NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=2)):
        clock.move_to(moment)
        planners.run(moment)
        sent += [one for one in deliver_queued() if one.to[0].endswith(f"<{anna.email}>")]

    assert len(sent) > 2
    for one in sent:
        html = one.alternatives[0][0]
        assert '<html lang="de">' in html, one.subject
        assert ours_in_english(f"{one.subject} {one.body} {text_of(html)}") == [], one.subject


@pytest.mark.django_db
@pytest.mark.parametrize(("browser", "said"), [("de-DE,de", "Anmelden"), ("fr,en;q=0.5", "Sign in"), ("en", "Sign in")])
def test_signing_in_is_done_in_the_language_of_the_browser_where_we_speak_it(client, browser, said):
    page = client.get("/accounts/login/", headers={"accept-language": browser})

    assert said in page.content.decode()
    assert f'<html lang="{"de" if said == "Anmelden" else "en"}' in page.content.decode()


@pytest.mark.django_db
def test_a_colleague_reads_german_or_english_and_nothing_else(clock):
    web = browser_of(make_user(name="Marie Duval", language="fr"))
    page = web.get("/profile/").content.decode()

    assert '<html lang="en-gb"' in page
    assert re.findall(r'<option value="([\w-]+)"', page.partition('name="language"')[2].partition("</select>")[0]) == [
        "en-gb",
        "de",
    ]


@pytest.mark.parametrize(
    ("form", "german"),
    [
        ("D j M", "Do, 19. Nov"),
        ("l j F Y", "Donnerstag, 19. November 2026"),
        ("j F", "19. November"),
        ("j", "19"),
        ("F Y", "November 2026"),
        ("MONTH_DAY_FORMAT", "19. November"),
        ("l j F Y, H:i", "Donnerstag, 19. November 2026, 00:00"),
    ],
)
def test_days_are_ordered_and_pointed_as_germans_do(form, german):
    day = dt.datetime(2026, 11, 19)
    with translation.override("de"):
        assert date_format(day, form) == german
        assert Template("{{ day|date:form }}").render(Context({"day": day, "form": form})) == german


# -------------------------------------------------------------------- what clients read


def plain(words):
    """A message without what is filled in: the longest piece of it that stands on a page as it is."""
    return max((part.strip(" .,:;!?“”„«»\u00a0\u202f") for part in PLACEHOLDER.split(words)), key=len)


def text_of(html):
    html = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    attributes = " ".join(re.findall(r'(?:title|alt|placeholder|aria-label|data-[\w-]+)="([^"]*)"', html))
    return unescape(re.sub(r"\s+", " ", f"{strip_tags(html.replace('<', ' <'))} {attributes}"))


@cache
def _to_clients(language):
    said = said_in(tool.client_files())
    return [message for message in catalogue(language) if (message.context, message.id) in said]


def english_in(text, language):
    """English messages that stand in a text although this language has words of its own for them."""
    found = []
    for message in _to_clients(language):
        for words in map(plain, ids_of(message)):
            if len(words) > 3 and words in text and not any(words in said for said in words_of(message)):
                found += re.findall(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text)
    return found + [words for words in _our_words() if words in text]


@cache
def _our_words():
    """Sentences that are not among what is translated: a client must not meet them at all."""
    ids = (words for path in tool.our_files() for _context, words in tool.words_in(path))
    every = {plain(one) for words in ids for one in ((words,) if isinstance(words, str) else words)}
    return {words for words in every if len(words) > 20}


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


_kept = {}


@pytest.fixture
def sent(clock, db, language):
    """The mails in that language, with the records behind them."""
    return send_every_one(mail.outbox, language)


@pytest.fixture
def mails(request, language):
    """The mails alone: written once for all tests that only read them."""
    if language not in _kept:
        _kept[language] = request.getfixturevalue("sent")
    return _kept[language]


def test_every_kind_of_mail_to_clients_is_among_those_looked_at(clock, db):
    from outbox import kinds
    from outbox.models import Email

    send_every_one(mail.outbox)

    to_clients = {kind.name for kind in kinds.known() if kind.audience == kinds.CLIENT}
    assert to_clients - set(Email.objects.filter(state="sent").values_list("kind", flat=True)) == set()


def test_no_mail_to_a_client_has_an_english_sentence_left(mails, language):
    for name, one in mails.items():
        html = one.alternatives[0][0]
        assert english_in(f"{one.subject} {one.body} {text_of(html)}", language) == [], name
        assert f'<html lang="{language}">' in html, name


def test_no_page_of_a_client_has_an_english_sentence_left(sent, language):
    browser = Browser()
    for name, one in sent.items():
        for path in urls_of(one):
            page = browser.get(path, follow=True)
            html = page.content.decode()
            assert page.status_code == 200, (name, path)
            assert f'<html lang="{language}"' in html, (name, path)
            assert english_in(text_of(html), language) == [], (name, path)


def forms_behind(browser, path):
    """The addresses of the forms a client reaches from the page of a link, that page included."""
    if path.startswith("/u/"):
        return []
    if path.startswith("/s/"):
        return [path, f"{path}somebody-else/"]
    return [path, *re.findall(r'href="(/p/[^"#]+/)"', browser.get(path).content.decode())]


def test_what_is_wrong_with_a_form_is_said_in_their_language(sent, language):
    browser, seen = Browser(), set()
    wrong = [
        {},
        {"done_on": "2026-01-05", "due_date": "2026-01-05", "address": "nobody", "name": "x", "q-overall": "99"},
        {"words": "\0", "note": "x" * 3000, "due_date": "later"},
    ]
    for form in {form for one in sent.values() for path in urls_of(one) for form in forms_behind(browser, path)}:
        key = re.search(r'name="seen" value="(\w+)"', browser.get(form).content.decode())
        for data in wrong:
            answer = browser.post(form, {**data, "seen": key[1] if key else ""})
            seen.add(answer.status_code)
            assert english_in(text_of(answer.content.decode()), language) == [], (form, data)

    assert 422 in seen
    assert max(seen) < 500


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/s/nothing/", "/s/fresh/", "/p/nothing/", "/u/nothing/", "/c/nothing/", "/s/a/b/c/"])
def test_a_link_of_nobody_is_answered_in_the_language_of_the_browser(client, language, path):
    page = client.get(path, headers={"accept-language": f"{language}-{language.upper()},en;q=0.5"})

    assert f'<html lang="{language}"' in page.content.decode()
    assert english_in(text_of(page.content.decode()), language) == []


@pytest.mark.django_db
def test_a_form_without_its_key_is_refused_in_the_language_of_the_browser(language):
    page = Browser(enforce_csrf_checks=True).post(
        "/s/fresh/", {"email": "a@b.example"}, headers={"accept-language": language}
    )

    assert page.status_code == 403
    assert f'<html lang="{language}"' in page.content.decode()
    assert english_in(text_of(page.content.decode()), language) == []


def test_dates_are_written_as_their_readers_write_them(mails, language):
    day = {"de": "Donnerstag, 17. Dezember", "fr": "jeudi 17 décembre", "es": "jueves 17 de diciembre"}[language]

    assert day in mails["invitation"].body
    assert {"de": "15. Januar 2027", "fr": "15 janvier 2027", "es": "15 de enero de 2027"}[language] in mails[
        "move"
    ].body


def test_a_mail_is_queued_under_the_subject_it_goes_out_with(sent):
    from outbox.models import Email

    rows = Email.objects.filter(to_email__endswith="@kunde.example").order_by("pk")
    queued = {to.partition("@")[0]: subject for to, subject in rows.values_list("to_email", "subject")}
    # made by hand in the test data, without one: the invitation and its reminders
    told = {name: subject for name, subject in queued.items() if subject}

    assert told == {name: sent[name].subject for name in told}
    assert len(told) > 10


@pytest.mark.parametrize("language", ["en-gb", *LANGUAGES], indirect=True)
def test_subjects_fit_on_a_phone(mails):
    assert [one.subject for one in mails.values() if len(one.subject) > 50] == []


@pytest.mark.parametrize("language", ["en-gb", *LANGUAGES], indirect=True)
def test_the_text_says_all_the_html_says(mails):
    unseen = re.compile(r"<title>.*?</title>|<div style=\"display:none.*?</div>", re.DOTALL)
    for name, one in mails.items():
        html = text_of(unseen.sub(" ", one.alternatives[0][0])).split()
        text = {word.strip(".,:·>") for word in one.body.split()} | {""}
        assert {word for word in html if word.strip(".,:·") not in text} == set(), name


def test_what_people_typed_is_said_as_they_typed_it(mails):
    said = " ".join(one.body for one in mails.values())

    assert [words for words in TYPED if words not in said] == []


def test_english_is_what_is_said_to_whoever_speaks_another_language(clock, db):
    with translation.override("de"):
        one = send_every_one(mail.outbox, "en-gb")["invitation"]

    assert one.subject == "How are we doing for Kestrel AG?"
    assert "It is open until Thursday 17 December." in one.body
