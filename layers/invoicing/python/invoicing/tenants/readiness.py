"""The readiness of a tenant: the settings that it needs before it can issue, send and be paid for an invoice."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from invoicing.collection.errors import SepaAccountMissing
from invoicing.core.errors import DomainError, RuleBroken, Violation
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.model import Value, days_after
from invoicing.core.party import Buyer
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import remittable_to
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.legal_content import (
    LEGAL_INFORMATION_MISSING,
    WITHOUT_LEGAL_INFORMATION,
    lacks_legal_information,
)
from invoicing.pricing.line import NewLine, Period
from invoicing.pricing.tax import Tax
from invoicing.tenants.model import Tenant

_SELLER = "/seller"
_LINES = "/lines"
"""The content of the sample, such as its tax rate, is no need of invoices."""


class MissingSetting(Value):
    """A setting that is missing or wrong."""

    needed_to: Literal["issue", "send", "be_paid", "collect"]
    """Purpose of the setting: to `issue` an invoice, to `send` it by e-mail, to `be_paid` by transfer, or to `collect`
    by direct debit, which only tenants with a `creditor_id` do."""
    pointer: Annotated[str, Field(examples=["/tax_number"])]
    """RFC 6901 pointer to the field of the tenant."""
    code: Annotated[str, Field(examples=["LEGAL_CONTENT_MISSING"])]
    """Code of the error that the operation would return, or the warning on the document."""
    message: str
    """Explanation for users, in English."""


class NeededField(Value):
    """A field that every invoice needs in the tenant's e-invoice format, and that its settings do not fill in."""

    pointer: Annotated[str, Field(examples=["/buyer_reference"])]
    """RFC 6901 pointer to the field of the invoice. Fields of `/customer` come from the customer."""
    code: Annotated[str, Field(examples=["BR-DE-15"])]
    """Code of the rule that needs it."""
    message: str
    """Explanation for users, in English."""


class Readiness(Value):
    """Whether the tenant's settings suffice for invoices, and which ones are missing."""

    object: Literal["readiness"] = "readiness"
    """Name of the object's type: `readiness`."""
    ready: bool
    """Whether nothing is missing."""
    missing: tuple[MissingSetting, ...]
    """Settings that are missing or wrong, in the order of their need."""
    each_invoice: tuple[NeededField, ...]
    """Fields that each invoice needs besides the settings, such as the buyer's electronic address in Peppol."""


def readiness(tenant: Tenant, moment: Moment) -> Readiness:
    """The settings that a domestic invoice over 1,000 at a normal rate lacks, in the tenant's e-invoice format.

    All rules are those that issuing applies: the sample is issued without being stored.
    """
    sample = _sample(tenant, moment)
    refused = _refused(sample, tenant, moment)
    missing = tuple(_missing(refused, sample, tenant))
    each_invoice = tuple(
        NeededField(pointer=one.pointer, code=one.code, message=one.message)
        for one in refused
        if not one.pointer.startswith((_SELLER, _LINES))
    )
    return Readiness(ready=not missing, missing=missing, each_invoice=each_invoice)


def _refused(sample: Invoice, tenant: Tenant, moment: Moment) -> Sequence[Violation]:
    """The rules that the sample breaks."""
    today = tenant.today(moment.at)
    due = days_after(today, 14)
    try:
        finalized(sample, "1", Parties(tenant, None), issue_date=today, due_date=due, moment=moment)
    except RuleBroken as refused:
        return refused.errors
    return ()


def _missing(refused: Sequence[Violation], sample: Invoice, tenant: Tenant) -> Iterator[MissingSetting]:
    for one in refused:
        if one.pointer.startswith(_SELLER):
            pointer = one.pointer.removeprefix(_SELLER)
            yield MissingSetting(needed_to="issue", pointer=pointer, code=one.code, message=one.message)
    if lacks_legal_information(tenant):
        code, message = LEGAL_INFORMATION_MISSING, WITHOUT_LEGAL_INFORMATION
        yield MissingSetting(needed_to="issue", pointer="/legal_information", code=code, message=message)
    try:
        tenant.require_sender("/email_sender")
    except DomainError as refused:
        [one] = refused.errors
        yield MissingSetting(needed_to="send", pointer=one.pointer, code=one.code, message=one.message)
    if not remittable_to(sample.model_copy(update={"seller": tenant.seller})):
        message = "Invoices name no account to pay to."
        yield MissingSetting(needed_to="be_paid", pointer="/bank_accounts", code="NO_PAYMENT_MEANS", message=message)
    if tenant.creditor_id is not None and not tenant.collecting_accounts:
        [one] = SepaAccountMissing(pointer="/bank_accounts").errors
        yield MissingSetting(needed_to="collect", pointer=one.pointer, code=one.code, message=one.message)


def _sample(tenant: Tenant, moment: Moment) -> Invoice:
    """A draft of an invoice. Only the tenant can lack something that it needs."""
    today = tenant.today(moment.at)
    buyer = Buyer(name="Sample", address=tenant.address)
    line = NewLine(name="Sample", unit_price=Decimal(1000), tax=Tax(category="S", rate=Decimal(19)))
    data = NewInvoice(customer=buyer, service_period=Period(start=today, end=today), lines=(line,))
    return Invoice.draft(new_id("inv", moment.at), data, customer=None, tenant=tenant, moment=moment)
