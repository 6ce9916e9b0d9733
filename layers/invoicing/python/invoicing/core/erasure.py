"""What is left where a customer's personal data was erased (Art. 17 GDPR)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from invoicing.core.errors import Category, DomainError

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice

ERASED = "—"
"""The name of a person whose data was erased."""
_ON_DRAFTS = ("customer", "customer_address", "ship_to", "buyer_reference", "mandate", "card")


class AnswerErased(DomainError):
    """The request was carried out; its answer was erased with the customer's personal data."""

    code = "ANSWER_ERASED"
    category = Category.GONE


def erased_draft(draft: "Invoice", at: datetime) -> "Invoice":
    """A draft without the personal data of its customer. The texts are the tenant's and stay."""
    nothing: dict[str, Any] = dict.fromkeys(_ON_DRAFTS) | {"customer_name": ERASED}
    if all(getattr(draft, name) == value for name, value in nothing.items()):
        return draft
    return draft.model_copy(update=nothing | {"updated_at": at, "updated_by": None})
