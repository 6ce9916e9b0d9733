"""Which documents a file collects or refunds: reading them with their claims and the accounts of their customers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import batched
from typing import Final

from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.table import payers_of
from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import Candidate, collectable
from invoicing.core.model import Aggregate
from invoicing.dunning.table import open_by
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.payments.model import Payment, is_allocation
from invoicing.reports.table import documents_to_refund
from invoicing.sepa_files.debiting import DebitedInvoice
from invoicing.sepa_files.examined import ExaminedDocument
from invoicing.sepa_files.model import MOST_TRANSACTIONS, SepaFile
from invoicing.sepa_files.refunding import (
    KnownAccount,
    RefundedDocument,
    method_account,
    obstacle,
    owes_refund,
    payer_account,
)
from invoicing.settlement.deducting import refundable_of
from invoicing.store.keys import Item, Key
from invoicing.store.reading import KEYS_A_CALL, items_at
from invoicing.store.store import Store
from invoicing.store.table import table_of
from invoicing.tenants.model import Tenant
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import claim_key, has_debits

_METHOD: Final = "sepa_direct_debit"


def selected(store: Store, tenant: Tenant, file: SepaFile, wanted: Sequence[str] | None) -> list[ExaminedDocument]:
    """The wanted documents, or all that a file of its type can contain, until they are enough."""
    found: list[ExaminedDocument] = []
    examiner = examiner_of(store, tenant, file)
    for some in batched(_heads(store, wanted, examiner), KEYS_A_CALL // 2, strict=False):
        found += examiner.examined(some)
        if sum(one.is_ready for one in found) >= MOST_TRANSACTIONS:
            break
    return found


def _heads(store: Store, wanted: Sequence[str] | None, examiner: "Examiner") -> Iterator[InvoiceSummary]:
    ids = examiner.candidates() if wanted is None else iter(dict.fromkeys(wanted))
    for some in batched(ids, KEYS_A_CALL, strict=False):
        keys = [invoice_key(store.tenant_id, id_) for id_ in some]
        found = items_at(keys)
        for id_, key in zip(some, keys, strict=True):
            if key in found:
                invoice = store.take(InvoiceSummary, found[key])
                if wanted is not None or examiner.is_candidate(invoice):
                    yield invoice
            elif wanted is not None:
                raise InvoiceNotFound(pointer=f"/invoice_ids/{wanted.index(id_)}")


class Examiner(ABC):
    """Decides about documents together, for one file."""

    def __init__(self, store: Store, tenant: Tenant, file: SepaFile) -> None:
        self._store, self._tenant, self._file = store, tenant, file
        self._methods = cache(lambda customer_id: tuple(store.all(PaymentMethod, customer_id)))

    @abstractmethod
    def candidates(self) -> Iterator[str]:
        """The ids of documents that the file may contain if the request names none."""

    @abstractmethod
    def is_candidate(self, invoice: InvoiceSummary) -> bool:
        """Whether a document is listed if the request names none."""

    @abstractmethod
    def examined(self, invoices: Sequence[InvoiceSummary]) -> Sequence[ExaminedDocument]:
        """Some documents, each with the decision."""

    def at(self, ids: Iterable[str]) -> Sequence[ExaminedDocument]:
        """The newest state of some documents that exist, each decided."""
        keys = [invoice_key(self._store.tenant_id, id_) for id_ in ids]
        found = items_at(keys)
        return self.examined([self._store.take(InvoiceSummary, found[key]) for key in keys])

    def _claims(self, invoices: Iterable[InvoiceSummary]) -> list[Item | None]:
        keys = [claim_key(self._store.tenant_id, one.id, self._file.type) for one in invoices]
        found = items_at(keys)
        return [found.get(key) for key in keys]


class DebitExaminer(Examiner):
    """Decides about direct debits together, so that one file does not use a one-off mandate twice."""

    def __init__(self, store: Store, tenant: Tenant, file: SepaFile) -> None:
        super().__init__(store, tenant, file)
        self._used: set[str] = set()

    def candidates(self) -> Iterator[str]:
        """The ids of open invoices that are due by the day."""
        return open_by(self._store.tenant_id, self._file.due_on)

    def is_candidate(self, invoice: InvoiceSummary) -> bool:
        """Whether it is to be paid by direct debit."""
        return invoice.payment_method == _METHOD

    def examined(self, invoices: Sequence[InvoiceSummary]) -> list[DebitedInvoice]:
        """Some invoices, each with the decision whether it is collected."""
        claims = self._claims(invoices)
        return [self._examined(one, has_debit=claim is not None) for one, claim in zip(invoices, claims, strict=True)]

    def _examined(self, invoice: InvoiceSummary, *, has_debit: bool) -> DebitedInvoice:
        candidate = Candidate(invoice, self._usable(invoice.customer_id), has_debit)
        method, reason = collectable(candidate, self._tenant, self._file.due_on)
        if method is None:
            return DebitedInvoice(invoice, reason)
        is_first = method.mandate.last_collected_on is None and not self._is_used(method)
        self._used.add(method.id)
        return DebitedInvoice(invoice, None, method, is_first, self._tenant.collection.first_as_frst)

    def _usable(self, customer_id: str | None) -> list[PaymentMethod]:
        methods = self._methods(customer_id) if customer_id else ()
        return [one for one in methods if one.mandate.type == "recurrent" or not self._is_used(one)]

    def _is_used(self, method: PaymentMethod) -> bool:
        return method.id in self._used or has_debits(self._store, method.customer_id, method.id)


class RefundExaminer(Examiner):
    """Decides about credit transfers, which refund documents."""

    def __init__(self, store: Store, tenant: Tenant, file: SepaFile) -> None:
        super().__init__(store, tenant, file)
        self._payers = cache(lambda iban: payers_of(store, iban))

    def candidates(self) -> Iterator[str]:
        """The ids of documents that owe money to their customers, as the reports know them."""
        return documents_to_refund(self._store.tenant_id, "EUR")

    def is_candidate(self, invoice: InvoiceSummary) -> bool:
        """Whether it still owes money."""
        return owes_refund(invoice)

    def examined(self, invoices: Sequence[InvoiceSummary]) -> list[RefundedDocument]:
        """Some documents, each with the decision whether it is refunded."""
        paid = self._paid([one for one in invoices if owes_refund(one)])
        claims = self._claims(invoices)
        return [self._examined(one, claim, paid) for one, claim in zip(invoices, claims, strict=True)]

    def _examined(
        self, invoice: InvoiceSummary, claim: Item | None, paid: Mapping[str, BankTransaction]
    ) -> RefundedDocument:
        if not owes_refund(invoice):
            return RefundedDocument(invoice, "nothing_to_refund")
        left, waiting = refundable_of(self._store, invoice), self._waiting(claim)
        found = RefundedDocument(invoice, None, left, self._payee(invoice, paid.get(invoice.id)), waiting)
        return replace(found, reason=obstacle(found, is_under_way=claim is not None))

    def _waiting(self, claim: Item | None) -> Transaction | None:
        """The refund that holds a claim and waits for a file."""
        if claim is None or "sepa_file_id" in claim:
            return None
        credit = self._store.get(Transaction, claim["transaction_id"]["S"])
        return credit if credit.is_waiting else None

    def _payee(self, invoice: InvoiceSummary, paid: BankTransaction | None) -> KnownAccount | None:
        customer_id = invoice.customer_id
        if customer_id is None:
            return None
        payer = payer_account(paid, invoice.customer_name)
        # The account of a payment service is known from several customers.
        if payer is not None and self._payers(payer.account.iban) == {customer_id}:
            return payer
        return method_account(self._methods(customer_id))

    def _paid(self, invoices: Iterable[InvoiceSummary]) -> dict[str, BankTransaction]:
        """The bank transactions that paid documents last."""
        last = [(one.id, one.last_payment.id) for one in invoices if one.last_payment is not None]
        payments = [one for one in self._found(Payment, last) if is_allocation(one)]
        found = self._found(BankTransaction, [(one.external_id or "",) for one in payments])
        by_id = {one.id: one for one in found}
        return {one.invoice_id: by_id[one.external_id] for one in payments if one.external_id in by_id}

    def _found[A: Aggregate](self, kind: type[A], ids: Iterable[Sequence[str]]) -> list[A]:
        keys: dict[Key, None] = dict.fromkeys(table_of(kind).key(self._store.tenant_id, *some) for some in ids)
        return [self._store.take(kind, item) for item in items_at(list(keys)).values()]


def examiner_of(store: Store, tenant: Tenant, file: SepaFile) -> Examiner:
    """The examiner of a file's type."""
    return DebitExaminer(store, tenant, file) if file.type == "debit" else RefundExaminer(store, tenant, file)
