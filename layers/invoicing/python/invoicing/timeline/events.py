"""Events about comments."""

from invoicing.invoices.event import InvoiceEvent


class InvoiceCommented(InvoiceEvent):
    """A comment was added."""

    name = "invoice.commented"
    action_key = "COMMENT"
    in_entry = frozenset({"text", "public", "pinned", "by_customer"})

    text: str
    """Text of the comment."""
    public: bool = False
    """Whether the customer can see the comment in the portal and on the invoice page."""
    pinned: bool = False
    """Whether the comment is shown above the others."""
    by_customer: bool = False
    """Whether the customer wrote the comment, on the invoice page."""
    link_id: str | None = None
    """Identifier of the page link that the customer used; absent for comments of users."""

    @property
    def comment(self) -> str | None:
        """The text of the comment."""
        return self.text


class CommentUpdated(InvoiceEvent):
    """A comment or its visibility was updated."""

    name = "invoice.comment_updated"
    action_key = "EDIT"

    activity_id: str


class CommentDeleted(InvoiceEvent):
    """A comment was deleted."""

    name = "invoice.comment_deleted"
    action_key = "EDIT"

    activity_id: str
