"""Notes on a document: a text, with the files that belong to it."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import new_ids
from invoicing.core.model import Aggregate, Instant, Value
from invoicing.core.stored_file import SentFile
from invoicing.invoices.errors import FileNotReady
from invoicing.notes.errors import FileAttached, FileNotFound, FileTooLarge, UnsupportedFileType
from invoicing.notes.files import declared_kind, require_content, safe_name

MOST_FILES = 100
"""The most files of a note, with which it still fits into one event."""
MAX_HTML_BYTES = 60_000
"""The length of 10,000 characters if each is written as an entity.

Unclosed elements would be repeated without limit.
"""
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
FileStatus = Literal["pending", "available", "rejected", "quarantined"]
"""One of `pending` (not uploaded yet), `available`, `rejected` (not as announced) or `quarantined` (malware)."""


class NoteFile(Value):
    """A file of a note."""

    object: Literal["file"] = "file"
    id: str
    """Unique identifier of the file: `file_` followed by a ULID."""
    name: Annotated[str, Field(examples=["receipt.pdf"])]
    """Name of the file."""
    content_type: str
    """Media type of the file, such as `application/pdf`."""
    size: int
    sha256: str
    status: FileStatus
    """Status of the file. Only available files can be downloaded."""
    reason: str | None = None
    """Reason why the file was rejected or quarantined; null otherwise."""
    created_at: Instant
    """When the file was added or announced."""
    attached: bool = False
    """Whether an issued document contains the file. The note cannot be deleted then."""


class Note(Aggregate):
    """A note on a document, with its files."""

    object: Literal["note"] = "note"
    invoice_id: str
    text: str | None = None
    """Text of the note without markup; null if the note has none."""
    html: str | None = None
    """Text of the note as sanitized HTML; null if the note has none."""
    files: tuple[NoteFile, ...] = ()
    """Files of the note, at most 100."""
    created_by: Reference | None
    updated_by: Reference | None

    @classmethod
    def new(cls, id_: str, invoice_id: str, *, moment: Moment) -> Self:
        """A note without text and files."""
        return cls(
            id=id_,
            invoice_id=invoice_id,
            **moment.created,
        )

    def changed(self, markup: tuple[str, str] | None, files: Sequence[NoteFile], *, moment: Moment) -> Self:
        """The note with another text (HTML and plain; None keeps it) and these additional files."""
        html, text = markup or (self.html, self.text)
        if html and len(html.encode()) > MAX_HTML_BYTES:
            raise Invalid("The HTML has too many unclosed elements.", pointer="")
        if (markup is None and not files) or not (html or files or self.files):
            raise Invalid("A note requires a text or a file.", pointer="")
        if len(self.files) + len(files) > MOST_FILES:
            raise Invalid(f"A note can have at most {MOST_FILES} files.", pointer="/file")
        after = {"html": html or None, "text": text or None, "files": (*self.files, *files)}
        return self.model_copy(update=after | {**moment.updated})

    def announced(self, file: NoteFile, *, moment: Moment) -> Self:
        """The note with a pending file."""
        return self.changed(None, [file], moment=moment)

    def arrived(self, file_id: str, content: bytes, *, at: datetime) -> Self:
        """The note with an announced file available, or rejected if another file arrived."""
        reason = _difference(self.file(file_id), content)
        return self._with_file(file_id, "rejected" if reason else "available", reason, at=at)

    def refused(self, file_id: str, status: FileStatus, reason: str, *, at: datetime) -> Self:
        """The note with a rejected or quarantined file."""
        return self._with_file(file_id, status, reason, at=at)

    def _with_file(self, file_id: str, status: FileStatus, reason: str | None, *, at: datetime) -> Self:
        self.file(file_id)
        after = {"status": status, "reason": reason}
        files = tuple(file.model_copy(update=after) if file.id == file_id else file for file in self.files)
        return self.model_copy(update={"files": files, "updated_at": at})

    def attaching(self, file_ids: Collection[str], moment: Moment) -> Self:
        """The note after a document with these files was issued."""
        files = tuple(
            file.model_copy(update={"attached": True}) if file.id in file_ids else file for file in self.files
        )
        return self.model_copy(update={"files": files, **moment.updated})

    def require_deletable(self) -> None:
        """Refuse to delete a note with a file that an issued document contains."""
        if any(file.attached for file in self.files):
            raise FileAttached

    def file(self, file_id: str) -> NoteFile:
        """One of its files."""
        found = next((file for file in self.files if file.id == file_id), None)
        if found is None:
            raise FileNotFound
        return found

    def require_file(self, file_id: str) -> NoteFile:
        """One of its available files. Refuses pending, rejected and quarantined files."""
        file = self.file(file_id)
        if file.status != "available":
            raise FileNotReady(f"The file is {file.status}. {file.reason or ''}".strip())
        return file


def expected(id_: str, name: str, content_type: str, size: int, sha256: str, at: datetime) -> NoteFile:
    """An announced file of an accepted kind and size."""
    if size > MAX_UPLOAD_BYTES:
        raise FileTooLarge(f"The file exceeds {MAX_UPLOAD_BYTES} bytes.", pointer="/size")
    safe = safe_name(name)
    kind = declared_kind(safe, content_type, pointer="/content_type")
    return NoteFile(
        id=id_,
        name=safe,
        content_type=kind.content_type,
        size=size,
        sha256=sha256,
        status="pending",
        created_at=at,
    )


def _difference(file: NoteFile, content: bytes) -> str | None:
    """The difference between the uploaded and the announced file; None if there is none."""
    if len(content) != file.size:
        return f"{len(content)} bytes arrived, not {file.size}."
    if hashlib.sha256(content).hexdigest() != file.sha256:
        return "The SHA-256 of what arrived is another."
    try:
        require_content(declared_kind(file.name, file.content_type, pointer=""), content, pointer="")
    except UnsupportedFileType as error:
        return error.detail
    return None


def received(uploads: Sequence[SentFile], at: datetime) -> list[tuple[NoteFile, bytes]]:
    """Files of a request, each with its content. One file of the wrong type refuses them all."""
    ids = new_ids("file", at)
    files = [_received(next(ids), upload, at, f"/file/{place}") for place, upload in enumerate(uploads)]
    return [(file, upload.content) for file, upload in zip(files, uploads, strict=True)]


def _received(id_: str, upload: SentFile, at: datetime, pointer: str) -> NoteFile:
    name = safe_name(upload.name)
    kind = declared_kind(name, upload.content_type, pointer=pointer)
    require_content(kind, upload.content, pointer=pointer)
    return NoteFile(
        id=id_,
        name=name,
        content_type=kind.content_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        status="available",
        created_at=at,
    )
