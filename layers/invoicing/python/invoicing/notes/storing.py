"""Files that are stored before the commit that refers to them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from invoicing.aws.files import delete, store_once
from invoicing.core.errors import OutcomeUnknown


class Described(Protocol):
    """The id and hash of a file, which the record that refers to it names."""

    @property
    def id(self) -> str:
        """The file's id."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its content."""


@contextmanager
def stored(tenant_id: str, files: Sequence[tuple[Described, bytes, str]], owner: Mapping[str, str]) -> Iterator[None]:
    """Store new files, each with its content and media type, and commit the record that refers to them in this context.

    `owner`: the ids of this record. If the commit fails, no file remains. Files remain if it is unknown whether the
    commit succeeded, or if the worker dies: `delete_unreferenced_file` checks later whether a record refers to them.
    """
    try:
        for file, content, media_type in files:
            store_once(tenant_id, file.id, content, media_type, owner=owner)
        yield
    except OutcomeUnknown:
        raise
    except Exception:
        for file, _, _ in files:
            delete(tenant_id, file.id, file.sha256)
        raise
