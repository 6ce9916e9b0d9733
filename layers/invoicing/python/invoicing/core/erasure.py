"""What is left where a customer's personal data was erased (Art. 17 GDPR)."""

from invoicing.core.errors import Category, DomainError

ERASED = "—"
"""The name of a person whose data was erased."""


class AnswerErased(DomainError):
    """The request was carried out; its answer was erased with the customer's personal data."""

    code = "ANSWER_ERASED"
    category = Category.GONE
