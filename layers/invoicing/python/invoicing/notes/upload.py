"""Files too large for a request: announced first, then uploaded to S3, then verified."""

from typing import Annotated, Literal

from invoicing.core.model import Instant, Secret, Value
from invoicing.notes.model import NoteFile

PATIENCE_SECONDS = 900
"""The time until a missing upload is rejected. An upload that began in time had ten minutes to finish."""
NEVER_ARRIVED = "Nothing arrived in time."
HARMFUL = "A scan found malware in it."


class Upload(Value):
    """An upload to perform: a `multipart/form-data` POST to `url` with all `fields` first and `file` last."""

    object: Literal["upload"] = "upload"
    id: str
    """Identifier of the file: `file_` followed by a ULID."""
    file: NoteFile
    """File that was announced, with the status `pending`."""
    expires_at: Instant
    """When the upload expires."""
    url: Annotated[str, Secret]
    """URL to post the form to; null when the same response is replayed."""
    fields: Annotated[dict[str, str], Secret]
    """Form fields to send before the file; null when the same response is replayed."""
