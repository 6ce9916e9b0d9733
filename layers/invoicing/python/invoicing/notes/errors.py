"""Errors about attached files."""

from invoicing.core.errors import Category, DomainError, NotFound


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
