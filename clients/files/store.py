"""Keeping files: checked, written under a random name, found again by their row.

The content is written first and the row afterwards, so a row always has its file; what a failed transaction leaves
behind is swept away by `clean`.
"""

import hashlib
import logging
import math
import re
import unicodedata
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from clients.files import Refused, sniff
from clients.models import Attachment

log = logging.getLogger(__name__)

FOLDER = "attachments"
MOST = 20  # of one entry
LONGEST = 200
DRAFTS_KEPT = timedelta(days=7)
TRASH_KEPT = timedelta(days=30)
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def limit():
    """The most bytes of one file."""
    return settings.ATTACHMENT_MB * 1024 * 1024


def keep(file, *, by, now, interaction=None, received=None):
    """Keep an uploaded or open file. Without an entry it is a draft of `by`. `Refused` says in words why not."""
    name = clean_name(getattr(file, "name", ""))
    size = file.seek(0, 2)
    if not size:
        raise Refused(_("“%(name)s” is empty.") % {"name": name})
    if size > limit():
        words = _("“%(name)s” has %(size)s MB; at most %(limit)s MB can be attached.")
        raise Refused(words % {"name": name, "size": _megabytes(size), "limit": settings.ATTACHMENT_MB})
    kind = sniff.kind_of(file, name=name)
    stored_as = uuid.uuid4()
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    file.seek(0)
    path = path_of(stored_as)
    default_storage.save(path, file)
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                interaction=interaction,
                received=received,
                name=name,
                kind=kind,
                size=size,
                sha256=digest.hexdigest(),
                stored_as=stored_as,
                uploaded_by=by,
                uploaded_at=now,
            )
    except Exception:
        default_storage.delete(path)
        raise


def keep_bytes(content, name, *, by, now, interaction=None, received=None):
    """Keep what is in memory, such as a part of a mail."""
    return keep(ContentFile(content, name=name), by=by, now=now, interaction=interaction, received=received)


def share(attachment, *, interaction):
    """The same file with another entry too; stored once."""
    return Attachment.objects.create(
        interaction=interaction,
        name=attachment.name,
        kind=attachment.kind,
        size=attachment.size,
        sha256=attachment.sha256,
        stored_as=attachment.stored_as,
        uploaded_by=attachment.uploaded_by,
        uploaded_at=attachment.uploaded_at,
    )


def path_of(stored_as):
    """Where the content lies in the storage: no name, no ending."""
    hexed = stored_as.hex
    return f"{FOLDER}/{hexed[:2]}/{hexed}"


def is_there(attachment):
    """Whether the storage still has the file."""
    return default_storage.exists(path_of(attachment.stored_as))


def content_of(attachment):
    """The open file. `FileNotFoundError` when the storage has lost it."""
    return default_storage.open(path_of(attachment.stored_as))


def clean_name(name):
    """A name to show and to download by: no folders, nothing invisible or turning the line around, its ending kept."""
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", name or ""))[-1]
    name = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r"\s+", " ", name).strip(" .")
    if len(name) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 10 else ""
        name = (stem if ending else name)[: LONGEST - len(ending)].rstrip(" .") + ending
    return name or _("file")


def _megabytes(size):
    """Rounded up: a byte too many is never the limit itself."""
    return number_format(math.ceil(size * 10 / 1024 / 1024) / 10, 1)


# ------------------------------------------------------------------ cleaning
def clean(now):
    """Files of drafts nobody logged, of what was removed 30 days ago, and those without a row. One folder a minute."""
    drafts = Attachment.objects.filter(interaction=None, received=None, uploaded_at__lt=now - DRAFTS_KEPT)
    trash = Attachment.objects.filter(deleted_at__lt=now - TRASH_KEPT)
    for attachment in [*drafts[:200], *trash[:200]]:
        discard(attachment)
    sweep(f"{int(now.timestamp()) // 60 % 256:02x}", now=now)


def discard(attachment):
    """The row with its history, and the file when it was its last."""
    pk = attachment.pk
    with transaction.atomic():
        attachment.delete()
        Attachment.history.filter(id=pk).delete()
        stored_as = attachment.stored_as
        if not Attachment.objects.filter(stored_as=stored_as).exists():
            transaction.on_commit(lambda: default_storage.delete(path_of(stored_as)))


def sweep(folder, *, now):
    """Delete the files of one folder that no row has had for a week."""
    try:
        _folders, names = default_storage.listdir(f"{FOLDER}/{folder}")
    except FileNotFoundError:
        return
    ids = {}
    for name in names:
        try:
            ids[uuid.UUID(hex=name)] = name
        except ValueError:
            log.warning("A file that is not ours lies in %s/%s", FOLDER, folder)
    kept = set(Attachment.objects.filter(stored_as__in=ids).values_list("stored_as", flat=True))
    for stored_as in set(ids) - kept:
        path = path_of(stored_as)
        if default_storage.get_modified_time(path) < _aware(now) - DRAFTS_KEPT:
            default_storage.delete(path)


def _aware(moment):
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
