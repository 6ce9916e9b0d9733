"""Direct debits: from an invoice and a mandate to the transaction, and from that to its entry in the file."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from invoicing.collection.batching import (
    Debit,
    DebitedMandate,
    MandateAmendment,
    PaymentFile,
    SepaAccount,
    batched_by_key,
    one_batch_each,
    sequence_type,
)
from invoicing.collection.model import AmendedMandate, PaymentMethod
from invoicing.collection.ready import SkipReason
from invoicing.collection.writing import Originator, written_debits
from invoicing.core.identity import Moment
from invoicing.invoices.model import InvoiceSummary
from invoicing.sepa_files.model import PlannedDebit, SepaFile, SkippedDebit
from invoicing.transactions.model import DebitMandate, Transaction, account_of


class ExaminedInvoice(NamedTuple):
    """An invoice with the payment method that it is collected with, or the reason why it is not collected."""

    invoice: InvoiceSummary
    method: PaymentMethod | None
    reason: SkipReason | None
    is_first: bool = True
    """Whether no debit with the mandate was made before."""

    @property
    def planned(self) -> PlannedDebit:
        """The debit as a response lists it."""
        method = self.chosen
        return PlannedDebit(
            invoice_id=self.invoice.id,
            invoice_number=self.invoice.number or "",
            customer_id=method.customer_id,
            payment_method_id=method.id,
            mandate_reference=method.mandate.reference,
            amount=self.invoice.due,
        )

    @property
    def skipped(self) -> SkippedDebit:
        """The invoice as a response lists it."""
        if self.reason is None:
            raise AssertionError(f"{self.invoice.id} is not skipped")
        return SkippedDebit(invoice_id=self.invoice.id, invoice_number=self.invoice.number, reason=self.reason)

    @property
    def chosen(self) -> PaymentMethod:
        """The payment method of an invoice that is collected."""
        if self.method is None:
            raise AssertionError(f"{self.invoice.id} is not collected")
        return self.method


def debit_of(found: ExaminedInvoice, id_: str, file: SepaFile, moment: Moment, *, first_as_frst: bool) -> Transaction:
    """The debit of an invoice in a file."""
    method, mandate = found.chosen, found.chosen.mandate
    if mandate.signed_on is None:
        raise AssertionError(f"the mandate of {method.id} is not signed")
    return Transaction(
        id=id_,
        type="debit",
        invoice_id=found.invoice.id,
        customer_id=method.customer_id,
        payment_method_id=method.id,
        sepa_file_id=file.id,
        amount=found.invoice.due,
        end_to_end_id=id_.rpartition("_")[2],
        due_on=file.due_on,
        account=account_of(method),
        mandate=DebitMandate(
            reference=mandate.reference,
            scheme=mandate.scheme,
            sequence=sequence_type(mandate.type, is_first=found.is_first, first_as_frst=first_as_frst),
            signed_on=mandate.signed_on,
            amendment=_amendment(method, file.originator.creditor_id),
        ),
        remittance=found.invoice.number or found.invoice.id,
        **moment.created,
    )


def _amendment(method: PaymentMethod, creditor_id: str | None) -> AmendedMandate | None:
    """The changes since the last debit, among them another creditor identifier of the tenant."""
    mandate = method.mandate
    named = mandate.creditor_id
    if mandate.last_collected_on is None or named is None or named == creditor_id:
        return mandate.amendment
    return (mandate.amendment or AmendedMandate()).model_copy(update={"original_creditor_id": named})


def payments_of(file: SepaFile, transactions: Iterable[Transaction]) -> PaymentFile[Debit]:
    """The transactions in batches for the bank."""
    ours = SepaAccount(file.originator.holder, file.originator.iban, file.originator.bic)
    return batched_by_key(file.message_id, [_entry(one, ours) for one in transactions])


def _entry(transaction: Transaction, ours: SepaAccount) -> Debit:
    account, mandate = transaction.account, transaction.mandate
    if account is None or mandate is None:
        raise AssertionError(f"{transaction.id} is no debit that is under way")
    return Debit(
        transaction.end_to_end_id,
        transaction.amount,
        ours,
        SepaAccount(account.holder, account.iban, account.bic),
        transaction.remittance,
        transaction.executed_on,
        DebitedMandate(mandate.reference, mandate.signed_on, _stated(mandate.amendment)),
        mandate.scheme,
        mandate.sequence,
    )


def _stated(amendment: AmendedMandate | None) -> MandateAmendment | None:
    if amendment is None:
        return None
    new_account = amendment.original_iban is not None
    return MandateAmendment(new_account, amendment.original_reference, amendment.original_creditor_id)


class BankMessage(NamedTuple):
    """An XML file for the bank."""

    message_id: str
    content: bytes


def messages_of(file: SepaFile, payments: PaymentFile[Debit]) -> Iterator[BankMessage]:
    """The XML files: one, or one for each batch. The same transactions give the same bytes."""
    tenant = file.originator
    by = Originator(tenant.name, tenant.creditor_id, tenant.alphabet)
    parts = one_batch_each(payments) if tenant.one_batch_per_file else (payments,)
    for part in parts:
        yield BankMessage(part.message_id, written_debits(part, by, file.created_at))
