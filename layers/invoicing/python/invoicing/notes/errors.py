"""What can be refused about files that people attach."""

from invoicing.core.errors import Category, DomainError, NotFound


class UnsupportedFileType(DomainError):
    """The file type is not supported, or does not match the file's content."""

    code = "UNSUPPORTED_FILE_TYPE"
    category = Category.UNSUPPORTED


class FileTooLarge(DomainError):
    """The files exceed the size limit of this operation."""

    code = "FILE_TOO_LARGE"
    category = Category.TOO_LARGE


class NoteNotFound(NotFound):
    """The note does not exist."""

    code = "NOTE_NOT_FOUND"


class FileNotFound(NotFound):
    """The file does not exist."""

    code = "FILE_NOT_FOUND"
