"""Uploads: files that clients send to S3 with a signed form, and that are checked before anything refers to them.

They arrive under their own prefix. S3 deletes uploads there after a day unless they were moved.
"""

import base64
from typing import NamedTuple, Protocol, Self

from invoicing.aws import s3
from invoicing.aws.errors import ClientError, object_missing
from invoicing.aws.files import PRESIGNED_SECONDS, location

INCOMING = "incoming/"
OF_NOTES, OF_STATEMENTS = f"{INCOMING}ten_", f"{INCOMING}statements/"
"""The beginnings of the keys of each kind of upload. Those for notes begin with the tenant."""


class Uploaded(Protocol):
    """The place of an announced file."""

    @property
    def key(self) -> str:
        """The key of the object."""


class StatementPlace(NamedTuple):
    """The key of an announced file of a bank, which contains the statement."""

    tenant_id: str
    statement_id: str
    file_id: str

    @property
    def key(self) -> str:
        """The key of the object."""
        return OF_STATEMENTS + "/".join(self)

    @classmethod
    def at(cls, key: str) -> Self:
        """The place of the upload in such a key."""
        return cls(*key.removeprefix(OF_STATEMENTS).split("/"))


class Place(NamedTuple):
    """The key of an announced file in S3, which contains the note."""

    tenant_id: str
    invoice_id: str
    note_id: str
    file_id: str

    @property
    def key(self) -> str:
        """The key of the object."""
        return INCOMING + "/".join(self)

    @classmethod
    def at(cls, key: str) -> Self:
        """The place of the upload in such a key."""
        return cls(*key.removeprefix(INCOMING).split("/"))


def upload_form(place: Uploaded, *, content_type: str, size: int, sha256: str) -> tuple[str, dict[str, str]]:
    """URL and fields of a form with which S3 accepts exactly this file (size, type and hash) for five minutes."""
    fields = {
        "Content-Type": content_type,
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
    }
    conditions = [["content-length-range", size, size], *({name: value} for name, value in fields.items())]
    return s3.presigned_form(location(place.key), fields, conditions, seconds=PRESIGNED_SECONDS)


def arrived(place: Uploaded) -> bytes | None:
    """The uploaded file; None if it was moved already or never arrived."""
    try:
        return s3.get(location(place.key))
    except ClientError as error:
        if object_missing(error):
            return None
        raise


def clear(place: Uploaded) -> None:
    """Delete an upload that was moved or rejected."""
    s3.delete(location(place.key))
