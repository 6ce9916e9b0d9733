"""Attached files: their kinds, their names, and whether their content fits the declared type."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple
from xml.parsers import expat

from invoicing.core.model import normalized
from invoicing.notes.errors import UnsupportedFileType

LONGEST_NAME = 150
_LONGEST_SUFFIX = 10
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
# Characters that reverse the reading order could show `gpj.exe` as `exe.jpg`.
# Joiners (200C, 200D) stay: Persian words and families of emoji are written with them.
_REORDERING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The beginnings that browsers treat as HTML under any name (WHATWG MIME Sniffing, 7.1), and SVG.
_MARKUP = re.compile(
    rb"\s*<(?:!--|(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg)\b)",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_RUN_BY_BROWSERS = ("http://www.w3.org/1999/xhtml ", "http://www.w3.org/2000/svg ")
_DEEPEST = 256
_MOST_ENTRIES = 10_000


class FileType(NamedTuple):
    """A kind of file: its declared types, and how its content is recognized."""

    content_type: str
    is_it: Callable[[bytes], bool]
    others: tuple[str, ...] = ()
    """Types that some browsers declare instead."""


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _office(folder: str) -> Callable[[bytes], bool]:
    # ECMA-376 part 2: the content types are in a part of this name.
    def is_it(content: bytes) -> bool:
        names = _entries(content)
        return "[Content_Types].xml" in names and any(name.startswith(f"{folder}/") for name in names)

    return is_it


def _open_document(media_type: str) -> Callable[[bytes], bool]:
    # ODF 1.3 part 2, 3.3: the first entry is the media type, neither compressed nor extended.
    first = f"mimetype{media_type}".encode()
    return lambda content: content.startswith(b"PK\x03\x04") and content.startswith(first, 30)


def _entries(content: bytes) -> list[str]:
    # Each entry becomes a Python object, and an archive can have a million entries.
    if content.count(b"PK\x01\x02") > _MOST_ENTRIES:
        return []
    try:
        return zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # A file that Python cannot read as an archive has no entries, so it matches no accepted kind.
        return []


def _plain(content: bytes) -> bool:
    bare = content.removeprefix(b"\xef\xbb\xbf")
    return not (_NO_TEXT.search(content) or _MARKUP.match(bare) or bare.startswith(b"%PDF-"))


def _xml(content: bytes) -> bool:
    """Whether it is well-formed XML that a browser does not run. Refuses document types (XXE, entity bombs)."""
    depth = 0

    def begun(name: str, _: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        # Browsers recognize elements by their namespace; at the root they are less strict.
        at_root = depth == 1 and name.rpartition(" ")[2].lower() in ("html", "svg")
        if depth > _DEEPEST or at_root or name.startswith(_RUN_BY_BROWSERS):
            raise ValueError

    def ended(_: str) -> None:
        nonlocal depth
        depth -= 1

    def instructed(target: str, _: str) -> None:
        if target == "xml-stylesheet":
            raise ValueError

    def refuse(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begun
    parser.EndElementHandler = ended
    parser.ProcessingInstructionHandler = instructed
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003
    except (expat.ExpatError, ValueError):
        return False
    return True


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_JPEG = FileType("image/jpeg", _begins(b"\xff\xd8\xff"), ("image/jpg", "image/pjpeg"))
KINDS: Mapping[str, FileType] = {
    ".pdf": FileType("application/pdf", _begins(b"%PDF-")),
    ".png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": FileType("image/webp", _webp),
    ".txt": FileType("text/plain", _plain),
    ".csv": FileType("text/csv", _plain, ("text/plain", "application/csv", "application/vnd.ms-excel")),
    ".xml": FileType("application/xml", _xml, ("text/xml",)),
    ".docx": FileType(f"{_OOXML}wordprocessingml.document", _office("word")),
    ".xlsx": FileType(f"{_OOXML}spreadsheetml.sheet", _office("xl")),
    ".odt": FileType(f"{_ODF}text", _open_document(f"{_ODF}text")),
    ".ods": FileType(f"{_ODF}spreadsheet", _open_document(f"{_ODF}spreadsheet")),
}
"""By extension. HTML and SVG are not accepted, because a browser would run their scripts."""


def safe_name(given: str) -> str:
    """A file's name as it is stored: the last part of a path, without characters that are special to any system."""
    last = re.split(r"[/\\]", normalized(given))[-1]
    name = " ".join(_REORDERING.sub("", _FORBIDDEN.sub("_", last)).split()).strip(". ") or "file"
    suffix = PurePosixPath(name).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        return name[:LONGEST_NAME].rstrip(". ")
    return name.removesuffix(suffix)[: LONGEST_NAME - len(suffix)] + suffix


def declared_kind(name: str, content_type: str, *, pointer: str) -> FileType:
    """The kind that matches the name's extension and the declared type. Refuses other kinds."""
    kind = KINDS.get(PurePosixPath(name).suffix.lower())
    declared = content_type.partition(";")[0].strip().lower()
    if kind is None:
        taken = ", ".join(sorted(extension.removeprefix(".") for extension in KINDS))
        raise UnsupportedFileType(f"Supported file types: {taken}.", pointer=pointer)
    if declared not in (kind.content_type, *kind.others):
        raise UnsupportedFileType("The file name's extension does not match the declared type.", pointer=pointer)
    return kind


def require_content(kind: FileType, content: bytes, *, pointer: str) -> None:
    """Refuse a file whose content does not fit its name and type."""
    if not content or not kind.is_it(content):
        raise UnsupportedFileType("The content does not match the file's name and type.", pointer=pointer)
