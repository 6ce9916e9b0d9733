"""The options that the consumers that render documents have in common."""

from typing import Final

from invoicing.aws.grants import Grant
from invoicing.consumers.consumer import Options
from invoicing.http.declaration import Layer

RENDERING: Final[Options] = {
    "grants": [
        Grant.READ,
        Grant.COMMIT,
        Grant.READ_FILES,
        Grant.MISS_FILES,
        Grant.WRITE_FILES,
        Grant.RETAIN_FILES,
        Grant.SEND_TO_DLQ,
    ],
    "layers": [Layer.DOCUMENTS, Layer.FACTURX],
    "memory": 1769,
    "timeout": 120,
    "batch": 1,
}
"""The options of the consumers that render documents."""
