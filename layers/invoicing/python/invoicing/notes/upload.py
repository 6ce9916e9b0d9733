"""Files too large to come with a request: announced first, then sent to where files lie, then looked at."""

from typing import Annotated, Literal

from invoicing.core.model import Instant, Secret, Value
from invoicing.notes.model import NoteFile

PATIENCE_SECONDS = 900
"""After so long what did not arrive is not waited for any more; begun in time, it had ten minutes to come through."""
NEVER_ARRIVED = "Nothing arrived in time."
HARMFUL = "A scan found malware in it."


class Upload(Value):
    """How an announced file is sent: as `multipart/form-data` to this URL, all fields first and `file` last."""

    object: Literal["upload"] = "upload"
    id: str
    file: NoteFile
    expires_at: Instant
    url: Annotated[str, Secret]
    fields: Annotated[dict[str, str], Secret]
