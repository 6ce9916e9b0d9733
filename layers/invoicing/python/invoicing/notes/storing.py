"""Files that are stored before the commit that refers to them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from invoicing.aws.files import delete
from invoicing.core.errors import OutcomeUnknown


class Stored(Protocol):
    """The id and hash of a stored file."""

    @property
    def id(self) -> str:
        """The file's id."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its content."""


@contextmanager
def removed_unless_committed(tenant_id: str, files: Iterable[Stored]) -> Iterator[None]:
    """Store new files and commit the records that refer to them in this context. If the commit fails, no file remains.

    They remain if it is unknown whether the commit succeeded, or if the worker dies: `delete_unreferenced_file` checks
    later whether a record refers to them.
    """
    try:
        yield
    except OutcomeUnknown:
        raise
    except Exception:
        for file in files:
            delete(tenant_id, file.id, file.sha256)
        raise
