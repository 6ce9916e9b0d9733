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


class SepaFileUploaded(SepaFileEvent):
    """The bank got a SEPA file."""

    name = "sepa_file.uploaded"


class SepaFileCanceled(SepaFileEvent):
    """A SEPA file was canceled with its transactions."""

    name = "sepa_file.canceled"


class SepaFileSettled(SepaFileEvent):
    """The outcome of all direct debits of a SEPA file is known."""

    name = "sepa_file.settled"
