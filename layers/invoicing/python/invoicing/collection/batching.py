"""Which debits and transfers are in which batch of which file, and how banks identify them."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

SepaScheme = Literal["core", "b2b"]
"""Scheme of a direct debit: `core`, or `b2b` between companies, where payers have no right to a refund."""
MandateUse = Literal["recurrent", "one_off"]
"""Use of a mandate: repeated debits, or a single one."""
SequenceType = Literal["RCUR", "OOFF", "FRST"]
"""Sequence type of a direct debit. Banks refuse others, or treat them as one of these."""


class SepaAccount(NamedTuple):
    """An account in a file. Banks find the BIC themselves."""

    holder: str
    iban: str
    bic: str | None = None


class MandateAmendment(NamedTuple):
    """The changes of a mandate since its last debit, which the next one states."""

    new_account: bool = False
    original_reference: str | None = None
    original_creditor_id: str | None = None


class DebitedMandate(NamedTuple):
    """The mandate of a debit."""

    reference: str
    signed_on: date
    amendment: MandateAmendment | None = None


class Transfer(NamedTuple):
    """A credit transfer in a file: `account` is the tenant's, `party` the payee."""

    end_to_end_id: str
    amount: Decimal
    account: SepaAccount
    party: SepaAccount
    remittance: str
    due_on: date


class Debit(NamedTuple):
    """A direct debit in a file: `account` is the tenant's, `party` the payer."""

    end_to_end_id: str
    amount: Decimal
    account: SepaAccount
    party: SepaAccount
    remittance: str
    due_on: date
    mandate: DebitedMandate
    scheme: SepaScheme
    sequence: SequenceType


class PaymentBatch[P: (Debit, Transfer)](NamedTuple):
    """The payments that a bank books together: of one account and day; debits also of one scheme and sequence."""

    payment_information_id: str
    payments: tuple[P, ...]

    @property
    def total(self) -> Decimal:
        """The sum of its payments."""
        return total_of(self.payments)


class PaymentFile[P: (Debit, Transfer)](NamedTuple):
    """The content of a file for the bank."""

    message_id: str
    batches: tuple[PaymentBatch[P], ...]

    @property
    def payments_count(self) -> int:
        """The number of its payments."""
        return sum(len(batch.payments) for batch in self.batches)

    @property
    def total(self) -> Decimal:
        """The sum of its payments."""
        return total_of(one for batch in self.batches for one in batch.payments)


def total_of(payments: Iterable[Debit | Transfer]) -> Decimal:
    """The sum of payments."""
    return sum((one.amount for one in payments), Decimal("0.00"))


def sequence_type(use: MandateUse, *, is_first: bool, first_as_frst: bool) -> SequenceType:
    """The sequence type of the next debit of a mandate. Banks no longer require `FRST`."""
    if use == "one_off":
        return "OOFF"
    return "FRST" if is_first and first_as_frst else "RCUR"


def message_id(file_id: str, written: int) -> str:
    """The id of a message: of a file, and of how many times it was written. No other message ever has it."""
    return f"{file_id.rpartition('_')[2]}-{written}"


def batched_by_key[P: (Debit, Transfer)](message: str, payments: Iterable[P]) -> PaymentFile[P]:
    """A file with a batch for each account, scheme, sequence and day. The order of the payments does not matter."""
    groups = groupby(sorted(payments, key=_place), key=_key)
    batches = (PaymentBatch(f"{message}-{number}", tuple(group)) for number, (_, group) in enumerate(groups, 1))
    return PaymentFile(message, tuple(batches))


def one_batch_each[P: (Debit, Transfer)](file: PaymentFile[P]) -> Iterator[PaymentFile[P]]:
    """A file for each batch, for banks that accept one batch in a file."""
    for number, batch in enumerate(file.batches, 1):
        message = f"{file.message_id}-{number}"
        yield PaymentFile(message, (PaymentBatch(f"{message}-1", batch.payments),))


def _key(payment: Debit | Transfer) -> tuple[str, ...]:
    kind = (payment.scheme, payment.sequence) if isinstance(payment, Debit) else ()
    return (payment.account.iban, payment.due_on.isoformat(), *kind)


def _place(payment: Debit | Transfer) -> tuple[tuple[str, ...], str]:
    return _key(payment), payment.end_to_end_id
