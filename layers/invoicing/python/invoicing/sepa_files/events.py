"""Events about SEPA files."""

from typing import ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.sepa_files.model import SepaFile


class SepaFileEvent(Event):
    """An event about a SEPA file."""

    subject = SepaFile
    action_key: ClassVar[ActionKey] = "STATUS"


class SepaFileCreated(SepaFileEvent):
    """A SEPA file was created. It is complete after `sepa_file.written`."""

    name = "sepa_file.created"
    action_key: ClassVar[ActionKey] = "CREATE"


class SepaFileWritten(SepaFileEvent):
    """The XML files of a SEPA file were written, or written again under a new message id."""

    name = "sepa_file.written"

    objects: tuple[str, ...] = ()
    """Storage locations of the XML files of before, as `<file id>/<sha256>`; empty for a new SEPA file."""


class SepaFileUploaded(SepaFileEvent):
    """The bank got a SEPA file."""

    name = "sepa_file.uploaded"


class SepaFileCanceled(SepaFileEvent):
    """A SEPA file was canceled with its transactions."""

    name = "sepa_file.canceled"

    objects: tuple[str, ...] = ()
    """Storage locations of its XML files, as `<file id>/<sha256>`."""


class SepaFileSettled(SepaFileEvent):
    """The outcome of all transactions of a SEPA file is known."""

    name = "sepa_file.settled"


class SepaFileLinkCreated(SepaFileEvent):
    """A download link to an XML file for the bank was created."""

    name = "sepa_file.link_created"
    action_key: ClassVar[ActionKey] = "DOWNLOAD"

    sepa_file_id: str
    link_id: str
    file: str
    """Identifier of the XML file."""
    expires_at: str
    """When the link expires, as an RFC 3339 timestamp."""


class SepaFileLinkRevoked(SepaFileEvent):
    """A download link to an XML file for the bank was revoked."""

    name = "sepa_file.link_revoked"
    action_key: ClassVar[ActionKey] = "DOWNLOAD"

    sepa_file_id: str
    link_id: str


class SepaFileDownloaded(SepaFileEvent):
    """An XML file for the bank was downloaded through a link; recorded once an hour, with the network."""

    name = "sepa_file.downloaded"
    action_key: ClassVar[ActionKey] = "DOWNLOAD"

    sepa_file_id: str
    link_id: str
    file: str
    """Identifier of the XML file."""
    network: str | None
    """Network part of the IP address that the file was downloaded from; null if it is unknown."""
