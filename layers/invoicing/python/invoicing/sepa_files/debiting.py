"""Direct debits: from an invoice and a mandate to the transaction, and from that to its entry in the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from invoicing.collection.batching import (
    Debit,
    DebitedMandate,
    MandateAmendment,
    PaymentFile,
    SepaAccount,
    batched_by_key,
    sequence_type,
)
from invoicing.collection.model import AmendedMandate, PaymentMethod
from invoicing.core.identity import Moment
from invoicing.core.model import Aggregate
from invoicing.sepa_files.examined import ExaminedDocument
from invoicing.sepa_files.model import PlannedDebit, SepaFile
from invoicing.sepa_files.refunding import transfer_of
from invoicing.transactions.model import DebitMandate, Transaction, account_of


@dataclass(frozen=True)
class DebitedInvoice(ExaminedDocument):
    """An invoice with the payment method that it is collected with."""

    method: PaymentMethod | None = None
    is_first: bool = True
    """Whether no debit with the mandate was made before."""
    first_as_frst: bool = False
    """Whether such a debit has the sequence type `FRST`."""

    @property
    def amount(self) -> Decimal:
        """The amount due."""
        return self.invoice.due

    @property
    def read(self) -> tuple[Aggregate, ...]:
        """The invoice and the payment method."""
        return self.invoice, self.chosen

    @property
    def chosen(self) -> PaymentMethod:
        """The payment method of an invoice that is collected."""
        if self.method is None:
            raise AssertionError(f"{self.invoice.id} is not collected")
        return self.method

    def transaction(self, id_: str, file: SepaFile, moment: Moment) -> Transaction:
        """The debit of the invoice in a file."""
        method, mandate = self.chosen, self.chosen.mandate
        if mandate.signed_on is None:
            raise AssertionError(f"the mandate of {method.id} is not signed")
        debited = DebitMandate(
            reference=mandate.reference,
            scheme=mandate.scheme,
            sequence=sequence_type(mandate.type, is_first=self.is_first, first_as_frst=self.first_as_frst),
            signed_on=mandate.signed_on,
            amendment=_amendment(method, file.originator.creditor_id),
        )
        own = {"payment_method_id": method.id, "account": account_of(method), "mandate": debited}
        return self._new(id_, file, moment, customer_id=method.customer_id, **own)


def planned_debit(debit: Transaction) -> PlannedDebit:
    """A debit of a file as a response lists it."""
    return PlannedDebit(
        invoice_id=debit.invoice_id,
        invoice_number=debit.remittance,
        customer_id=debit.customer_id,
        payment_method_id=debit.payment_method_id or "",
        mandate_reference=debit.mandate.reference if debit.mandate else "",
        amount=debit.amount,
    )


def _amendment(method: PaymentMethod, creditor_id: str | None) -> AmendedMandate | None:
    """The changes since the last debit, among them another creditor identifier of the tenant."""
    mandate = method.mandate
    named = mandate.creditor_id
    if mandate.last_collected_on is None or named is None or named == creditor_id:
        return mandate.amendment
    return (mandate.amendment or AmendedMandate()).model_copy(update={"original_creditor_id": named})


def debits_of(file: SepaFile, transactions: Iterable[Transaction]) -> PaymentFile[Debit]:
    """The direct debits in batches for the bank."""
    return batched_by_key(file.message_id, [_entry(one, file.account) for one in transactions])


def _entry(debit: Transaction, ours: SepaAccount) -> Debit:
    if debit.mandate is None:
        raise AssertionError(f"{debit.id} is no debit")
    mandate = debit.mandate
    stated = DebitedMandate(mandate.reference, mandate.signed_on, _stated(mandate.amendment))
    return Debit(*transfer_of(debit, ours), stated, mandate.scheme, mandate.sequence)


def _stated(amendment: AmendedMandate | None) -> MandateAmendment | None:
    if amendment is None:
        return None
    new_account = amendment.original_iban is not None
    return MandateAmendment(new_account, amendment.original_reference, amendment.original_creditor_id)
