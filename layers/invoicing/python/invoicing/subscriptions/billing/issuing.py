"""The issue of a subscription's invoice, for its bill and for its preview."""

from invoicing.core.errors import DomainError
from invoicing.core.identity import Moment
from invoicing.customers.model import Customer
from invoicing.document_forms.design import IssuedForm
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.workflow import Issuing


class NotIssuable(Exception):
    """The draft breaks a rule of issued invoices, so it gets no number."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(error.code)
        self.error = error


def issued_invoice(
    draft: Invoice, number: str, parties: Issuing[Customer], form: IssuedForm | None, *, send: bool, moment: Moment
) -> Invoice:
    """The draft as it is issued. Raises `NotIssuable` if it breaks a rule, or has no recipient to `send` it to."""
    tenant, customer, counter = parties
    try:
        issued = finalized(draft, number, Parties(tenant, customer, form), issue_date=counter.issued, moment=moment)
        if send:
            issued.require_mailable(tenant, customer)
    except DomainError as error:
        raise NotIssuable(error) from error
    return issued
