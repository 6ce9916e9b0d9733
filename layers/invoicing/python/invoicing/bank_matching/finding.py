"""The evidence about a bank transaction: the documents that it names, and the open ones of its payer."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.allocating import paid_on
from invoicing.bank_matching.amounts import sum_of_few
from invoicing.bank_matching.deciding import Evidence, Named, doubted, suggestions_for
from invoicing.bank_matching.model import OpenDocument, RecordedPayment, Suggestion
from invoicing.bank_matching.payer import alike
from invoicing.bank_matching.proofs import numbers_of, proofs_of, proven, references_of
from invoicing.bank_matching.table import payers_of
from invoicing.core.model import days_after
from invoicing.customers.table import CustomerName, newest_names
from invoicing.invoices.lifecycle import Action, Status, allowed_actions
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key, invoices_of
from invoicing.numbering.table import number_key, reference_key
from invoicing.payments.model import Payment, is_by_hand
from invoicing.payments.table import payments_between
from invoicing.settlement.errors import CashDiscountNotAllowed
from invoicing.settlement.model import cash_discount_left
from invoicing.store.keys import Key
from invoicing.store.listing import items_in
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant

_MOST_OPEN: Final = 80
"""The most open documents of a payer. With more of them, none is found by the payer alone."""
_DAYS_APART: Final = 7
"""The most days between a transaction and a payment that a user recorded for it."""
_MOST_PAYMENTS: Final = 100
"""The most payments of a customer about a day that are compared with a transaction."""
_MOST_NAMES: Final = 1_000
"""The newest customers whose names are compared with that of a payer."""
_MOST_ALIKE: Final = 5
"""The most customers with a name alike. With more of them, the name identifies none."""


class CustomerNames:
    """The names of the newest customers, which are read once, and only if a payer is searched by name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: list[CustomerName] | None = None

    def alike(self, payer: str | None) -> list[str]:
        """The customers whose names are like that of a payer; none if there are too many."""
        if not payer:
            return []
        if self._names is None:
            self._names = newest_names(self._store.tenant_id, _MOST_NAMES)
        found = [one.customer_id for one in self._names if alike(payer, one.name)]
        return found if len(found) <= _MOST_ALIKE else []


class Found(NamedTuple):
    """The suggestions for a transaction, and the documents that it names."""

    suggestions: tuple[Suggestion, ...] = ()
    named: Mapping[str, InvoiceSummary] = {}
    customers: tuple[str, ...] = ()
    """The customers of the suggested documents."""
    recorded: tuple[RecordedPayment, ...] = ()
    """Payments that users recorded, and that may be the transaction."""


def suggestions_of(
    store: Store, transaction: BankTransaction, tenant: Tenant, names: CustomerNames | None = None
) -> Found:
    """The documents that a transaction may pay. Money that went out, or came back, pays none.

    `names`: without them, no payer is searched by its name.
    """
    is_money_in = transaction.direction == "credit" and not (transaction.returned or transaction.reversal)
    if not is_money_in or not transaction.unallocated or transaction.status == "ignored":
        return Found()
    day = paid_on(transaction, tenant.today(store.session.now))
    taken = {one.target_id for one in transaction.allocations}
    by_reference, named = _named(store, transaction, tenant)
    payable = [one for one in named.values() if one.id not in taken]
    iban = transaction.counterparty.iban
    payers = payers_of(store, iban) if iban else frozenset[str]()
    evidence = Evidence(
        transaction.unallocated,
        transaction.currency,
        transaction.counterparty.name,
        [Named(_open(one, day), one.id in by_reference) for one in payable],
        payers,
        small_difference=tenant.bank_matching.small_difference,
    )
    if not any(_is_payable(one) for one in payable):
        evidence = evidence._replace(named=())
        owing = payers or (names.alike(evidence.payer) if names else ())
        others = [_open(one, day) for one in _of_payers(store, owing) if one.id not in taken]
        evidence = evidence._replace(of_payers=others) if payers else evidence._replace(others=others)
    suggestions = suggestions_for(evidence)
    about = [one.document for one in evidence.named] + [*evidence.of_payers, *evidence.others]
    suggested = {part.invoice_id for one in suggestions for part in one.documents}
    customers = {one.customer_id for one in about if one.id in suggested and one.customer_id}
    recorded = _recorded(store, transaction, day, customers | payers, [one for one in payable if one.paid])
    return Found(doubted(suggestions, recorded), named, tuple(sorted(customers)), recorded)


def _recorded(
    store: Store, transaction: BankTransaction, day: date, customers: Iterable[str], partly: Iterable[InvoiceSummary]
) -> tuple[RecordedPayment, ...]:
    """The payments of a customer that users recorded about this day, if they are the amount of a transaction.

    `partly`: documents with payments, which are read with those of the last moment.
    """
    first, last = days_after(day, -_DAYS_APART), days_after(day, _DAYS_APART)
    lists = [list(islice(payments_between(store.tenant_id, one, first, last), _MOST_PAYMENTS)) for one in customers]
    for payments in (*lists, *(store.all(Payment, one.id) for one in partly)):
        by_hand = [
            (one, one.amount)
            for one in payments
            if one.currency == transaction.currency and first <= one.date <= last and is_by_hand(one)
        ]
        found = sum_of_few(transaction.unallocated, by_hand)
        if found:
            return tuple(
                RecordedPayment(payment_id=one.id, invoice_id=one.invoice_id, amount=one.amount, date=one.date)
                for one in found
            )
    return ()


def _named(store: Store, transaction: BankTransaction, tenant: Tenant) -> tuple[set[str], dict[str, InvoiceSummary]]:
    """The ids of documents whose RF reference it has, and all documents that it names."""
    proofs = proofs_of(transaction, tenant.number_series.values())
    if not proofs:
        return set(), {}
    keys = {number_key(store.tenant_id, number): number for number in sorted(numbers_of(proofs))}
    keys |= {reference_key(store.tenant_id, one): one for one in sorted(references_of(proofs))}
    holders = {keys[key]: str(item["invoice_id"]["S"]) for key, item in items_at(list(keys)).items()}
    found = proven(proofs, {name: id_ for name, id_ in holders.items() if id_.startswith("inv_")})
    documents = _documents(store, [one.document_id for one in found])
    return {one.document_id for one in found if one.by_reference}, {one.id: one for one in documents}


def _of_payers(store: Store, customers: Iterable[str]) -> list[InvoiceSummary]:
    """The open invoices of some customers; none if there are too many."""
    items = (
        item
        for customer_id in sorted(customers)
        for item in items_in(invoices_of(store.tenant_id, customer_id), status=Status.OPEN, type="invoice")
    )
    ids = [Key.of(item).partition.rpartition("#")[2] for item in islice(items, _MOST_OPEN + 1)]
    return [one for one in _documents(store, ids) if _is_payable(one)] if len(ids) <= _MOST_OPEN else []


def _documents(store: Store, ids: Iterable[str]) -> list[InvoiceSummary]:
    found = items_at([invoice_key(store.tenant_id, id_) for id_ in ids])
    return [store.take(InvoiceSummary, item) for item in found.values()]


def _is_payable(document: InvoiceSummary) -> bool:
    return document.type == "invoice" and Action.PAY in allowed_actions(document)


def _open(document: InvoiceSummary, day: date) -> OpenDocument:
    """A document as far as it decides about a payment of a day. Nothing is due on one that cannot be paid."""
    nothing = Decimal()
    facts = document.id, document.customer_id, document.customer_name, document.currency
    if not _is_payable(document):
        return OpenDocument(*facts, due=nothing)
    try:
        discount = cash_discount_left(document, day)
    except CashDiscountNotAllowed:
        discount = nothing
    due, fees = document.due + document.written_off, document.dunning_so_far.fees_due
    in_full = document.status is Status.CLOSED or document.purpose == "deposit"
    return OpenDocument(*facts, due=due, fees=fees, discount=discount, in_full=in_full)
