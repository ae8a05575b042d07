"""Files kept with what happened: looked at by content, read through the access check, removed with undo."""

import io
import struct
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from clients.files import Refused, sniff, store
from clients.models import Attachment
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_interaction, make_manager, make_user

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PDF = b"%PDF-1.7\n1 0 obj\n"


def zipped(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


def kind(content, name):
    return sniff.kind_of(io.BytesIO(content), name=name)


@pytest.fixture
def entry(web, clock):
    return make_interaction(client=make_client(name="Tidewell Water", owner=web.user), author=web.user)


# ------------------------------------------------------------------ what a file is
@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (PDF, "plan.pdf", "application/pdf"),
        (PNG, "site.PNG", "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "site.jpeg", "image/jpeg"),
        ("Grüße, Rosa\n".encode(), "notes.txt", "text/plain"),
        ("Grüße".encode("latin-1"), "old.csv", "text/plain"),
        ("Grüße".encode("utf-16"), "windows.txt", "text/plain"),
        (b"From: a@b.example\n\n<html><body>Hi</body></html>", "mail.eml", "text/plain"),
        (b"\0\1\2\3 drawing", "hall.dwg", "application/octet-stream"),
        (zipped(a_txt="x"), "all.zip", "application/zip"),
        (zipped(Content="x", word__document_xml="x") and b"PK\x05\x06" + bytes(18), "none.zip", "application/zip"),
        (b"\0\0\0\x18ftypmp42" + bytes(9), "talk.mp4", "video/mp4"),
    ],
)
def test_the_type_follows_from_the_content(content, name, found):
    assert kind(content, name) == found


def test_office_files_are_told_from_other_archives():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "x")

    assert kind(content.getvalue(), "figures.xlsx").endswith("spreadsheetml.sheet")
    with pytest.raises(Refused, match=r"is called \.docx, but what is in it is something else"):
        kind(content.getvalue(), "figures.docx")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ\x90\0", "plan.pdf", "is a program"),
        (b"\x7fELF\2", "readme", "is a program"),
        (b"plain", "setup.EXE", "is a program"),
        (b"#!/bin/sh\nrm -rf /", "notes.txt", "is a program"),
        (b"<?php echo 1;", "notes.txt", "is a program"),
        (b"hello", "page.html", "is a web page"),
        (b"  <!DOCTYPE html><title>x", "notes.txt", "is a web page"),
        (b"\xef\xbb\xbf<script>alert(1)</script>", "data.csv", "is a web page"),
        ("<html>".encode("utf-16"), "notes.txt", "is a web page"),
        (b"<?xml version='1.0'?><!-- x -->\n<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.xml", "is a web page"),
        (b"<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "logo.xml", "is a web page"),
        (PNG, "logo.svg", "is a web page"),
        (PNG, "plan.pdf", "is called .pdf, but"),
        (b"\0\1\2", "notes.txt", "is called .txt, but"),
        (zipped(setup_exe="MZ"), "all.zip", "holds a program or a script, “setup.exe”"),
        (b"PK\x03\x04 broken", "all.zip", "cannot be read"),
    ],
)
def test_what_could_do_harm_is_refused_in_words(content, name, words):
    with pytest.raises(Refused, match=words):
        kind(content, name)


def test_a_zip_bomb_is_refused_without_unpacking():
    content = bytearray(zipped(zeros_txt="0" * 1000))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 0xFFFF0000)

    with pytest.raises(Refused, match="unpack to far more"):
        kind(bytes(content), "small.zip")


def test_a_forged_table_of_contents_fills_no_memory():
    content = bytearray(zipped(a_txt="x"))
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<L", 0x7FFFFFFF)

    with pytest.raises(Refused, match="too many files"):
        kind(bytes(content), "small.zip")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\plans\\a.pdf", "a.pdf"),
        ("fdp\u202egpj.exe", "fdpgpj.exe"),
        ("a\0b\n.pdf", "ab.pdf"),
        ("", "file"),
        (" .. ", "file"),
        ("ä" * 300 + ".pdf", "ä" * 196 + ".pdf"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert store.clean_name(given) == kept


# ------------------------------------------------------------------ keeping
def test_a_file_lies_under_a_random_name_outside_the_web_root(entry, settings):
    kept = store.keep_bytes(PDF, "plan.pdf", by=entry.author, now=NOW, interaction=entry)

    path = default_storage.path(store.path_of(kept.stored_as))
    assert path.startswith(str(settings.DATA_DIR / "files"))
    assert "plan" not in path
    with store.content_of(kept) as content:
        assert content.read() == PDF
    assert (kept.kind, kept.size, kept.interaction) == ("application/pdf", len(PDF), entry)


def test_too_large_and_empty_ones_are_refused(entry, settings):
    settings.ATTACHMENT_MB = 1

    with pytest.raises(Refused, match=r"“big\.txt” has 1\.2 MB; at most 1 MB"):
        store.keep_bytes(b"x" * 1_153_434, "big.txt", by=entry.author, now=NOW)
    with pytest.raises(Refused, match=r"“none\.txt” is empty"):
        store.keep_bytes(b"", "none.txt", by=entry.author, now=NOW)
    assert not Attachment.objects.exists()


def test_an_absurd_upload_is_not_read(web, settings):
    settings.ATTACHMENT_MB = 0
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = web.post("/files/", {"files": SimpleUploadedFile("a.txt", b"x" * 2000)})

    assert answer.status_code == 400


# ------------------------------------------------------------------ reading
def test_a_file_is_a_download_and_nothing_else(web, entry):
    kept = store.keep_bytes(PDF, "Plänе “1”.pdf", by=entry.author, now=NOW, interaction=entry)

    answer = web.get(kept.get_absolute_url())

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_those_who_may_read_the_entry_get_its_files(clock):
    owner, member, outsider = make_user(), make_user(), make_user()
    client = make_client(owner=owner, team=[member], visibility="team_only")
    entry = make_interaction(client=client)
    kept = store.keep_bytes(PDF, "plan.pdf", by=owner, now=NOW, interaction=entry)

    def status(user):
        answer = browser_of(user).get(kept.get_absolute_url())
        list(answer.streaming_content if answer.streaming else [])
        return answer.status_code

    assert [status(user) for user in (owner, member, make_manager(), outsider)] == [200, 200, 200, 404]
    for act in ("attachment_remove", "attachment_restore"):
        assert browser_of(outsider).post(reverse(act, args=[kept.public_id])).status_code == 404
    files = {"files": SimpleUploadedFile("a.txt", b"x")}
    assert browser_of(outsider).post(reverse("interaction_attach", args=[entry.public_id]), files).status_code == 404


def test_a_reader_of_an_open_client_reads_and_does_not_remove(clock):
    entry = make_interaction(client=make_client(owner=make_user()))
    kept = store.keep_bytes(PDF, "plan.pdf", by=entry.author, now=NOW, interaction=entry)
    reader = browser_of(make_user())

    answer = reader.get(kept.get_absolute_url())

    assert b"".join(answer.streaming_content) == PDF
    assert reader.post(reverse("attachment_remove", args=[kept.public_id])).status_code == 404


def test_a_draft_s_file_is_its_uploader_s_alone(web, clock):
    answer = web.post("/files/", {"files": [SimpleUploadedFile("a.txt", b"x"), SimpleUploadedFile("b.exe", b"MZ")]})

    kept = Attachment.objects.get()
    assert (answer.status_code, kept.name, kept.uploaded_by) == (200, "a.txt", web.user)
    assert kept.public_id in answer.text
    assert "“b.exe” is a program" in answer.text
    assert browser_of(make_manager()).get(kept.get_absolute_url()).status_code == 404


def test_a_file_the_storage_lost_is_not_found(web, entry, caplog):
    kept = store.keep_bytes(PDF, "plan.pdf", by=entry.author, now=NOW, interaction=entry)
    default_storage.delete(store.path_of(kept.stored_as))

    assert web.get(kept.get_absolute_url()).status_code == 404


# ------------------------------------------------------------------ removing
def test_removed_with_undo(web, entry):
    kept = store.keep_bytes(PDF, "plan.pdf", by=entry.author, now=NOW, interaction=entry)

    web.post(f"/files/{kept.public_id}/remove/")
    gone = web.get(kept.get_absolute_url()).status_code
    answer = web.post(f"/files/{kept.public_id}/restore/", follow=True)

    assert gone == 404
    assert b"".join(web.get(kept.get_absolute_url()).streaming_content) == PDF
    assert "“plan.pdf” is back." in answer.text


def test_more_files_for_an_entry_that_is_logged(web, entry):
    upload = {"files": [SimpleUploadedFile("a.txt", b"x"), SimpleUploadedFile("b.html", b"<p>")]}

    answer = web.post(f"/log/{entry.public_id}/files/", upload, follow=True)

    assert [one.name for one in entry.attachments.all()] == ["a.txt"]
    assert "“b.html” is a web page" in answer.text


def test_old_drafts_and_old_trash_are_cleaned_up(web, entry, django_capture_on_commit_callbacks):
    old = store.keep_bytes(b"x", "old.txt", by=web.user, now=NOW - timedelta(days=8))
    young = store.keep_bytes(b"x", "young.txt", by=web.user, now=NOW - timedelta(days=6))
    logged = store.keep_bytes(b"x", "logged.txt", by=web.user, now=NOW - timedelta(days=80), interaction=entry)
    removed = store.keep_bytes(b"x", "removed.txt", by=web.user, now=NOW, interaction=entry)
    shared = store.share(removed, interaction=make_interaction(client=entry.client))
    removed.remove(now=NOW - timedelta(days=31))

    with django_capture_on_commit_callbacks(execute=True):
        store.clean(NOW)

    assert set(Attachment.objects.all()) == {young, logged, shared}
    assert not default_storage.exists(store.path_of(old.stored_as))
    assert default_storage.exists(store.path_of(shared.stored_as))


def test_files_without_a_row_are_swept_after_a_week(web, entry, clock):
    kept = store.keep_bytes(b"x", "a.txt", by=web.user, now=NOW, interaction=entry)
    lost = store.keep_bytes(b"x", "b.txt", by=web.user, now=NOW, interaction=entry)
    Attachment.objects.filter(pk=lost.pk).delete()
    later = NOW + timedelta(days=4000)

    for one in (kept, lost):
        store.sweep(one.stored_as.hex[:2], now=later)

    assert [default_storage.exists(store.path_of(one.stored_as)) for one in (kept, lost)] == [True, False]


def test_the_timeline_and_the_entry_s_page_show_its_files(web, entry):
    kept = store.keep_bytes(PDF, "plan.pdf", by=entry.author, now=NOW, interaction=entry)
    gone = store.keep_bytes(PDF, "gone.pdf", by=entry.author, now=NOW, interaction=entry)
    gone.remove(now=NOW)

    pages = [web.get(url).text for url in (entry.client.get_absolute_url(), entry.get_absolute_url())]

    assert [kept.get_absolute_url() in page and "plan.pdf" in page for page in pages] == [True, True]
    assert [gone.name in page for page in pages] == [False, False]
    assert f"/files/{kept.public_id}/remove/" in pages[1]


def test_a_german_colleague_reads_sizes_with_a_comma(settings):
    settings.ATTACHMENT_MB = 1
    file = SimpleUploadedFile("big.txt", b"x" * (1024 * 1024 + 1))

    with translation.override("de"), pytest.raises(Refused, match=r"1,1\sMB"):
        store.keep(file, by=make_user(), now=NOW)
