"""The catalogues: what is translated into which language, and how the .mo files come about. Run by `make messages`.

Clients read German, French and Spanish, we ourselves English and German. So German holds every word of the product;
French and Spanish hold those of the files that speak to clients and no others (CLIENT_FILES). A word that our own pages
say too ("Send", "Yes") gets the context "client" where a client reads it: we may speak of ourselves in other words
than to them, and none of ours is lost in two languages that nobody here reads.

`python tools/messages.py` brings locale/*/LC_MESSAGES/django.po up to date and compiles them; it says what is still to
be translated, and is 1 when there is any. Nothing here is needed to run the product: the .mo files are committed.
"""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "fr", "es")
OURS = ("de",)  # what we read ourselves, beside English: see settings.STAFF_LANGUAGES
CLIENT_FILES = (
    "accounts/days.py",
    "accounts/forms.py",
    "outbox/public_views.py",
    "partnerships/cleared_letters.py",
    "partnerships/public_*.py",
    "partnerships/talk_letters.py",
    "promises/letter_mails.py",
    "promises/other_side.py",
    "promises/public_*.py",
    "surveys/answer_page.py",
    "surveys/answering.py",
    "surveys/forms_public.py",
    "surveys/letters.py",
    "surveys/public_*.py",
    "surveys/values.py",
    "templates/base_client.html",
    "templates/components/_error_summary.html",
    "templates/outbox/no_page.html",
    "templates/outbox/not_sent.html",
    "templates/outbox/unsubscribe.html",
    "templates/partnerships/public/*.html",
    "templates/promises/public/*.html",
    "templates/surveys/_question*.html",
    "templates/surveys/answer*.html",
    "templates/surveys/closed.html",
    "templates/surveys/elsewhere.html",
    "templates/surveys/link_*.html",
    "templates/surveys/somebody_else*.html",
    "templates/surveys/thanks.html",
    "templates/surveys/withdrawn.html",
)
# Our own pages say these too, in the very files that are shared.
SHARED = ("accounts/forms.py", "templates/components/_error_summary.html")
KEYWORDS = {
    **dict.fromkeys(("_", "__", "_g", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
BY_ITSELF = (
    "POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By"
    "|Project-Id-Version"
)
CHANGES_BY_ITSELF = re.compile(rf'^"({BY_ITSELF}):.*\n'.encode(), re.MULTILINE)


def client_files():
    return sorted(path for pattern in CLIENT_FILES for path in ROOT.glob(pattern))


def our_files():
    """Everything with words in it that no client reads."""
    rooms = [path.parent for path in ROOT.glob("*/apps.py")]
    sources = [path for room in rooms for path in room.rglob("*.py") if "migrations" not in path.parts]
    return sorted({*sources, *(ROOT / "templates").rglob("*.html")} - set(client_files()))


def words_in(path):
    """(context or None, msgid or (singular, plural)) of everything that is translated in one file."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        source = f"({templatize(source, origin=str(path))})"  # in brackets, so that no indentation is looked for
    for _line, function, words, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {}):
        if found := _taken(KEYWORDS[function], words if isinstance(words, tuple) else (words,)):
            yield found


def _taken(spec, words):
    context, ids = None, []
    for place in spec:
        number = place[0] if isinstance(place, tuple) else place
        if number > len(words) or not isinstance(words[number - 1], str):
            return None
        if isinstance(place, tuple):
            context = words[number - 1]
        else:
            ids.append(words[number - 1])
    return context, ids[0] if len(ids) == 1 else tuple(ids)


def files_of(language):
    """The files whose words are said in that language."""
    return sorted({*client_files(), *our_files()}) if language in OURS else client_files()


def extracted(files):
    """The catalogue of what these files say."""
    catalogue = Catalog(charset="utf-8")
    for path in files:
        place = path.relative_to(ROOT).as_posix()
        for context, ids in words_in(path):
            catalogue.add(ids, context=context, locations=[(place, 0)])
    return catalogue


def po_path(language):
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language):
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _what_for(language):
    return "What clients and we ourselves read." if language in OURS else "What clients read."


def write(catalogue, language):
    """The .po without the lines that change by themselves, and the .mo of it."""
    catalogue.project, catalogue.version, catalogue.copyright_holder = "Partnership CRM", "", ""
    catalogue.header_comment, catalogue.fuzzy = f"# {_what_for(language)} Brought up to date by: make messages", False
    into = io.BytesIO()
    write_po(into, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CHANGES_BY_ITSELF.sub(b"", into.getvalue()))
    path.with_suffix(".mo").write_bytes(compiled(language))


def compiled(language):
    """What the .mo has to hold, from the .po as it stands."""
    into = io.BytesIO()
    catalogue = read(language)
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # the same bytes every time
    write_mo(into, catalogue)
    return into.getvalue()


def untranslated(catalogue):
    return [m for m in catalogue if m.id and (m.fuzzy or not all(m.string if m.pluralizable else [m.string]))]


def main():
    missing = 0
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(extracted(files_of(language)), no_fuzzy_matching=True)
        write(catalogue, language)
        left = untranslated(read(language))
        missing += len(left)
        print(f"{language}: {len(catalogue)} messages, {len(left)} to translate")
        for message in left:
            print("   ", repr(message.id), f"({message.context})" if message.context else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
