"""A file of a bank: which format it has, its text, and the members of a ZIP."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from invoicing.bank.reading.camt import read_camt
from invoicing.bank.reading.csv_file import count_rows, read_csv
from invoicing.bank.reading.mt940 import IS_MT940, read_mt940
from invoicing.bank.reading.pain002 import IS_PAIN002, read_pain002
from invoicing.bank.reading.statement import NotReadable, Reading
from invoicing.bank.reading.xml import name_of
from invoicing.tenants.csv_profile import CsvProfile

MOST_MEMBERS = 100
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ENTRIES = 100_000
"""The most entries of a file, with which they fit into the memory of the functions that read and import them."""
_ZIP = b"PK\x03\x04"
_A_PIECE = 1 << 20


class _Member(NamedTuple):
    name: str
    content: bytes


def read_file(content: bytes, profile: CsvProfile | None = None) -> Reading:
    """The statements of a file, or of all members of a ZIP. Raises `NotReadable` if nothing can be read."""
    if not content.startswith(_ZIP):
        return _read_plain(content, profile, "", MOST_ENTRIES)
    found, failed = Reading([]), list[NotReadable]()
    left = MOST_ENTRIES
    for member in _members(content):
        try:
            read = _read_plain(member.content, profile, member.name, left)
        except NotReadable as error:
            failed.append(error)
            continue
        left -= sum(len(one.entries) for one in read.statements)
        found.statements += read.statements
        failed += read.problems
    if not found.statements:
        raise failed[0] if failed else NotReadable("the ZIP", "it has no files")
    return Reading(found.statements, failed)


def _read_plain(content: bytes, profile: CsvProfile | None, place: str, most: int) -> Reading:
    beginning = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith(_ZIP):
        raise NotReadable(place, "a ZIP in a ZIP is not read")
    if beginning.startswith(b"<") or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        _require_few(max(content.count(end) for end in (b"Ntry>", b"TxDtls>", b"TxInfAndSts>")) // 2, most, place)
        xml = content.lstrip(b" \t\r\n") if not content.startswith(b"\xef") else content
        return read_pain002(xml, place) if (name_of(xml) or "").startswith(IS_PAIN002) else read_camt(xml, place)
    if profile is not None and not IS_MT940.search(text_of(content[:10_000])):
        _require_few(count_rows(content, profile, place, most), most, place)
        return read_csv(content, profile, place)
    text = text_of(content)
    if IS_MT940.search(text):
        _require_few(text.count(":61:"), most, place)
        return read_mt940(text, place)
    raise NotReadable(place or "line 1", "it is no camt, pain.002 or MT940 file, and a CSV file needs a profile")


def _require_few(entries: int, most: int, place: str) -> None:
    """Refuse too many entries before they are read: in memory each one is larger than its text."""
    if entries > most:
        raise NotReadable(place or "line 1", f"the file has more than {MOST_ENTRIES:,} entries")


def text_of(content: bytes) -> str:
    """Text in UTF-8, else in CP1252, or in CP850 where that has more letters."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        windows, dos = (content.decode(one, "replace") for one in ("cp1252", "cp850"))
    return dos if _letters(dos) > _letters(windows) else windows


def _letters(text: str) -> int:
    return sum(one.isalpha() for one in text if not one.isascii())


def _members(content: bytes) -> Iterator[_Member]:
    """The files of a ZIP, unpacked together within a bound. Their headers may be wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if len(files) > MOST_MEMBERS:
                raise NotReadable("the ZIP", f"it has more than {MOST_MEMBERS} files")
            left = MOST_UNPACKED
            for one in files:
                unpacked = _unpacked(archive, one, left)
                left -= len(unpacked)
                yield _Member(one.filename, unpacked)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        # Encrypted members and unknown methods raise the last ones.
        raise NotReadable("the ZIP", "it is broken, encrypted, or packed by an unknown method") from None


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    with archive.open(member) as file:
        while piece := file.read(_A_PIECE):
            size += len(piece)
            if size > most:
                raise NotReadable("the ZIP", f"its files have more than {MOST_UNPACKED} bytes unpacked")
            pieces.append(piece)
    return b"".join(pieces)
