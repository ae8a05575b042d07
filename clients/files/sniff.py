"""What a file is, by its content. Nothing is unpacked: of an archive only the table of contents is read.

Programs, scripts and pages are refused; whatever claims by its ending to be something it is not is refused too.
"""

import re
import struct
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clients.files import Refused

HEAD = 64 * 1024
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
ZIP = "application/zip"
OLE = "application/x-ole-storage"  # the older Office, and mails of Outlook

# ------------------------------------------------------------------ what is not kept
PROGRAM_ENDINGS = """
    ade adp apk app application appref-ms bas bat bin chm cmd com command cpl csh deb desktop dll dmg elf exe gadget
    hta img inf ins iso isp jar jnlp js jse ksh lnk mjs msc msh msi msix msp mst pif pkg pl ps1 ps1xml ps2 psc1 psm1
    py pyc pyw rb reg rpm run scf scr sct sh shb shs swf url vb vbe vbs vhd vhdx wasm ws wsc wsf wsh xll
"""
PAGE_ENDINGS = "asp aspx cgi htc htm html jsp mht mhtml php phtml shtml svg svgz xht xhtml xsl xslt"
PROGRAMS, PAGES = set(PROGRAM_ENDINGS.split()), set(PAGE_ENDINGS.split())
PROGRAM_STARTS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",
    b"!<arch>\n",
    b"MSCF",
    b"\xed\xab\xee\xdb",
    b"FWS",
    b"CWS",
)
INSTALLER = b"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"  # the class of .msi in an OLE file
SCRIPT = re.compile(r"(?:#!|<\?php|<%|@echo\s|\s*function\s+\w+\s*\(|windows registry editor)", re.IGNORECASE)
BEFORE_MARKUP = re.compile(r"(?:\s+|<!--.*?-->|<\?xml.*?\?>)+", re.DOTALL)
PAGE = re.compile(
    r"<(?:!doctype\s+(?:html|svg)|html|head|body|script|svg|iframe|object|embed|style|table|div|img|link|meta|title|a|p|h1)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
PAGE_SPACE = re.compile(r"<(?:\w+:)?(?:svg|html|script)[\s>]|www\.w3\.org/(?:2000/svg|1999/xhtml)", re.IGNORECASE)

# ------------------------------------------------------------------ what is known
STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
OFFICE = "application/vnd.openxmlformats-officedocument."
WORD, SHEET, SLIDES = (
    f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet",
    f"{OFFICE}presentationml.presentation",
)
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
ENDINGS_OF = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/tiff": "tif tiff",
    "image/heic": "heic heif",
    WORD: "docx docm dotx",
    SHEET: "xlsx xlsm xltx",
    SLIDES: "pptx pptm ppsx",
    f"{OPEN_DOCUMENT}text": "odt",
    f"{OPEN_DOCUMENT}spreadsheet": "ods",
    f"{OPEN_DOCUMENT}presentation": "odp",
    OLE: "doc dot xls xlt ppt pps msg",
    "application/rtf": "rtf doc dot",
    ZIP: "zip",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    TEXT: "txt csv tsv md log ics vcf eml json xls",
    "video/mp4": "mp4 m4v mov m4a",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
}
KNOWN_ENDINGS = set(" ".join(ENDINGS_OF.values()).split())

# ------------------------------------------------------------------ archives
MOST_NAMES = 4 * 1024 * 1024  # bytes of a table of contents
MOST_TIMES = 200  # what it unpacks to, for each byte it has
ALWAYS_FINE = 200 * 1024 * 1024


@dataclass(frozen=True)
class Archive:
    names: list
    unpacked: int


def ending_of(name):
    return name.rpartition(".")[2].casefold() if "." in name else ""


def kind_of(file, *, name):
    """The type of an open file by its content; `Refused` in words for one that is not kept."""
    file.seek(0)
    head = file.read(HEAD)
    ending = ending_of(name)
    if ending in PAGES:
        raise Refused(_page_words(name))
    if ending in PROGRAMS or head.startswith(PROGRAM_STARTS):
        raise Refused(_program_words(name))
    kind = _by_content(head)
    if kind == TEXT:
        _refuse_scripts(_as_text(head), name)
    elif kind == ZIP:
        kind = _of_archive(file, head, name)
    elif kind == OLE and _holds(file, INSTALLER):
        raise Refused(_program_words(name))
    if ending in KNOWN_ENDINGS and ending not in ENDINGS_OF.get(kind, "").split():
        words = _("“%(name)s” is called .%(ending)s, but what is in it is something else. Save it again as what it is.")
        raise Refused(words % {"name": name, "ending": ending})
    return kind


def _by_content(head):
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:11] in (b"hei", b"hev", b"mif") else "video/mp4"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    return TEXT if _as_text(head) is not None else UNKNOWN


def _as_text(head):
    """The beginning as text, or None when it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    if any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return None
    return head.decode("utf-8", errors="replace").lstrip("\ufeff")


def _refuse_scripts(text, name):
    bare = BEFORE_MARKUP.sub("", text[:4096], count=1) if BEFORE_MARKUP.match(text) else text
    if PAGE.match(bare) or (text.lstrip().startswith("<") and PAGE_SPACE.search(text[:4096])):
        raise Refused(_page_words(name))
    if SCRIPT.match(text):
        raise Refused(_program_words(name))


def _holds(file, needle):
    file.seek(0)
    before = b""
    while chunk := file.read(1024 * 1024):
        if needle in before + chunk:
            return True
        before = chunk[-len(needle) :]
    return False


def _of_archive(file, head, name):
    archive = _contents(file, name)
    size = file.seek(0, 2)
    if archive.unpacked > max(size * MOST_TIMES, ALWAYS_FINE):
        raise Refused(_("“%(name)s” would unpack to far more than it holds.") % {"name": name})
    if head[30:38] == b"mimetype" and head[38:].startswith(OPEN_DOCUMENT.encode()):
        found = re.match(rb"[a-z.-]+(?<!PK)", head[38:])[0].decode()
        return next((f"{OPEN_DOCUMENT}{one}" for one in ("text", "spreadsheet", "presentation") if one in found), ZIP)
    names = archive.names
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", WORD), ("xl/", SHEET), ("ppt/", SLIDES)):
            if any(one.startswith(folder) for one in names):
                return kind
    program = next((one for one in names if ending_of(one.rstrip(". ")) in PROGRAMS), None)
    if program and ending_of(name) in ("", "zip"):
        words = _("“%(name)s” holds a program or a script, “%(inside)s”. Such files are not kept.")
        raise Refused(words % {"name": name, "inside": program.rpartition("/")[2][:80]})
    return ZIP


def _contents(file, name):
    """The table of contents; its size is read first, so that a forged one fills no memory."""
    unreadable = Refused(
        _("“%(name)s” cannot be read. Is it damaged? Save it again and try once more.") % {"name": name}
    )
    size = file.seek(0, 2)
    start = max(0, size - 65_557 - 76)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise unreadable
    length = struct.unpack("<L", tail[at + 12 : at + 16])[0]
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        length = max(struct.unpack("<Q", tail[at - 36 : at - 28])[0], length if length != 0xFFFFFFFF else 0)
    if length > MOST_NAMES:
        raise Refused(_("“%(name)s” holds too many files to be looked through.") % {"name": name})
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as problem:
        raise unreadable from problem
    return Archive([entry.filename for entry in entries], sum(entry.file_size for entry in entries))


def _program_words(name):
    words = _("“%(name)s” is a program or a script. Such files are not kept: they could harm whoever opens them.")
    return words % {"name": name}


def _page_words(name):
    words = _("“%(name)s” is a web page or a drawing that can carry a script. Save it as PDF or PNG and attach that.")
    return words % {"name": name}
