"""Errors about attached files."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class UnsupportedFileType(DomainError):
    """The file type is not supported, or does not match the file's content.

    Send a PDF, PNG, JPEG, WEBP, TXT, CSV, XML, DOCX, XLSX, ODT or ODS file with its own extension and media type.
    """

    code = "UNSUPPORTED_FILE_TYPE"
    category = Category.UNSUPPORTED


class FileTooLarge(DomainError):
    """The files exceed the size limit of this operation.

    Request an upload for the file, or make it smaller.
    """

    code = "FILE_TOO_LARGE"
    category = Category.TOO_LARGE


class NoteNotFound(NotFound):
    """The note does not exist.

    Check the identifier; list the notes of the document to find it.
    """

    code = "NOTE_NOT_FOUND"


class FileNotFound(NotFound):
    """The file does not exist.

    Check the identifier; list the files of the note to find it.
    """

    code = "FILE_NOT_FOUND"


class AttachmentNotAllowed(RuleBroken):
    """The document cannot contain a file that was chosen for it.

    Correct each of the `attachments` that `errors` names, or remove it from the draft.
    """

    code = "ATTACHMENT_NOT_ALLOWED"


class FileAttached(DomainError):
    """The note has a file that an issued document contains.

    The note can be changed, but not deleted: the document's XML and PDF are rendered from the file.
    """

    code = "FILE_ATTACHED"
    category = Category.CONFLICT
