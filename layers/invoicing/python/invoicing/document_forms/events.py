"""Events about document forms."""

from invoicing.core.event import Event
from invoicing.document_forms.model import DocumentForm


class DocumentFormCreated(Event):
    """A document form was created."""

    subject = DocumentForm
    name = "document_form.created"
    action_key = "CREATE"


class DocumentFormUpdated(Event):
    """A document form was updated, or got another logo or letterhead."""

    subject = DocumentForm
    name = "document_form.updated"
    action_key = "EDIT"


class DocumentFormDeleted(Event):
    """A document form was deleted."""

    subject = DocumentForm
    name = "document_form.deleted"
    action_key = "EDIT"
