"""Refunds by credit transfer: from a document that owes money to the transaction and its entry in a file.

The money goes back to the account that it came from, if a bank transaction paid the document last and no other customer
pays from that account. Otherwise, it goes to the account of a payment method.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from invoicing.bank.model import BankTransaction, masked
from invoicing.collection.batching import PaymentFile, SepaAccount, Transfer, batched_by_key
from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import SkipReason
from invoicing.core.identity import Moment
from invoicing.core.model import Aggregate
from invoicing.invoices.lifecycle import Action, allowed_actions
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.self_billing import is_self_billed
from invoicing.sepa_files.examined import ExaminedDocument
from invoicing.sepa_files.model import PlannedCredit, SepaFile
from invoicing.tenants.banking import SEPA_COUNTRIES
from invoicing.transactions.model import Transaction, TransactionAccount, account_of


class KnownAccount(NamedTuple):
    """The account that gets the money, and the resource that it is known from."""

    account: TransactionAccount
    source: Aggregate


@dataclass(frozen=True)
class RefundedDocument(ExaminedDocument):
    """A document with the amount that it owes and the account that gets it."""

    left: Decimal = Decimal()
    payee: KnownAccount | None = None
    waiting: Transaction | None = None
    """A refund of the document that waits for a file, with an amount and account of its own."""

    @property
    def amount(self) -> Decimal:
        """The amount that waits, and never more than is owed; else all that is owed."""
        return min(self.waiting.amount, self.left) if self.waiting else self.left

    @property
    def read(self) -> tuple[Aggregate, ...]:
        """The document, and the resource that the account is known from."""
        return (self.invoice,) if self.waiting or self.payee is None else (self.invoice, self.payee.source)

    @property
    def _account(self) -> TransactionAccount:
        found = self.waiting.account if self.waiting else self.payee and self.payee.account
        if found is None:
            raise AssertionError(f"{self.invoice.id} is not refunded")
        return found

    def transaction(self, id_: str, file: SepaFile, moment: Moment) -> Transaction:
        """The credit of the document in a file: a new one, or the one that waited."""
        if self.waiting is not None:
            return self.waiting.in_file(file.id, file.due_on, self.amount, moment)
        return self._new(id_, file, moment, customer_id=self.invoice.customer_id, account=self._account)


def planned_credit(credit: Transaction) -> PlannedCredit:
    """A credit of a file as a response lists it."""
    return PlannedCredit(
        invoice_id=credit.invoice_id,
        invoice_number=credit.remittance,
        customer_id=credit.customer_id,
        iban=masked(credit.account.iban if credit.account else None) or "",
        amount=credit.amount,
    )


def owes_refund(invoice: InvoiceSummary) -> bool:
    """Whether a document owes money to its customer. On self-billed ones, the supplier owes it to the tenant."""
    is_owed = invoice.refund_due > 0 and not is_self_billed(invoice)
    return is_owed and Action.REFUND in allowed_actions(invoice)


def obstacle(found: RefundedDocument, *, is_under_way: bool) -> SkipReason | None:
    """Why a document is not refunded now; None if it is."""
    if found.left <= 0:
        return "nothing_to_refund"
    if found.invoice.currency != "EUR":
        return "not_eur"
    if is_under_way and found.waiting is None:
        return "refund_under_way"
    return None if found.waiting or found.payee else "no_known_account"


def payer_account(paid: BankTransaction | None, name: str | None) -> KnownAccount | None:
    """The account that a bank transaction came from, if it takes part in SEPA. `name` is that of the customer."""
    if paid is None or paid.direction != "credit":
        return None
    party = paid.counterparty
    holder = party.name or name
    if not party.iban or not holder or party.iban[:2] not in SEPA_COUNTRIES:
        return None
    return KnownAccount(TransactionAccount(holder=holder, iban=party.iban, bic=party.bic), paid)


def method_account(methods: Iterable[PaymentMethod]) -> KnownAccount | None:
    """The account of a customer's payment method: the default one, else the newest active one, else the newest.

    An account whose mandate ended still gets money. A blocked one may be wrong or closed.
    """
    known = [one for one in methods if one.iban and one.status != "blocked"]
    method = max(known, key=lambda one: (one.default, one.status == "active", one.id), default=None)
    return KnownAccount(account_of(method), method) if method else None


def transfers_of(file: SepaFile, transactions: Iterable[Transaction]) -> PaymentFile[Transfer]:
    """The credit transfers in batches for the bank."""
    return batched_by_key(file.message_id, [transfer_of(one, file.account) for one in transactions])


def transfer_of(transaction: Transaction, ours: SepaAccount) -> Transfer:
    """The entry of a transaction in the file, without a mandate."""
    account = transaction.account
    if account is None:
        raise AssertionError(f"{transaction.id} is not under way")
    return Transfer(
        transaction.end_to_end_id,
        transaction.amount,
        ours,
        SepaAccount(account.holder, account.iban, account.bic),
        transaction.remittance,
        transaction.executed_on,
    )
