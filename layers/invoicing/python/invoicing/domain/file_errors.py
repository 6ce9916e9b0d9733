"""What can be refused about files that people attach."""

from invoicing.domain.errors import Category, DomainError, NotFound


class UnsupportedFileType(DomainError):
    """The file is of no kind that is taken, or its name, declared type and content do not agree."""

    code = "UNSUPPORTED_FILE_TYPE"
    category = Category.UNSUPPORTED


class FileTooLarge(DomainError):
    """The files are larger than what can be sent this way."""

    code = "FILE_TOO_LARGE"
    category = Category.TOO_LARGE


class NoteNotFound(NotFound):
    """There is no such note."""

    code = "NOTE_NOT_FOUND"


class FileNotFound(NotFound):
    """The note has no such file."""

    code = "FILE_NOT_FOUND"
