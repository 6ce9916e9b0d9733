"""Which invoices a file collects: reading them with their claims and payment methods."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Final

from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import Candidate, collectable
from invoicing.dunning.table import open_by
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.sepa_files.debiting import ExaminedInvoice
from invoicing.sepa_files.model import MOST_TRANSACTIONS
from invoicing.store.keys import Item, Key
from invoicing.store.reading import KEYS_A_CALL, items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.transactions.table import claim_key, has_debits

_METHOD: Final = "sepa_direct_debit"


def selected(store: Store, tenant: Tenant, day: date, wanted: Sequence[str] | None) -> list[ExaminedInvoice]:
    """The wanted invoices, or all open ones to be paid by direct debit, until enough of them can be collected."""
    found: list[ExaminedInvoice] = []
    examiner = Examiner(store, tenant, day)
    for some in batched(_heads(store, wanted, day), KEYS_A_CALL // 2, strict=False):
        found += examiner.examined(some)
        if sum(one.method is not None for one in found) >= MOST_TRANSACTIONS:
            break
    return found


def _heads(store: Store, wanted: Sequence[str] | None, day: date) -> Iterator[InvoiceSummary]:
    ids = open_by(store.tenant_id, day) if wanted is None else iter(dict.fromkeys(wanted))
    for some in batched(ids, KEYS_A_CALL, strict=False):
        keys = [invoice_key(store.tenant_id, id_) for id_ in some]
        found = items_at(keys)
        for id_, key in zip(some, keys, strict=True):
            if key in found:
                invoice = store.take(InvoiceSummary, found[key])
                if wanted is not None or invoice.payment_method == _METHOD:
                    yield invoice
            elif wanted is not None:
                raise InvoiceNotFound(pointer=f"/invoice_ids/{wanted.index(id_)}")


class Examiner:
    """Decides about invoices together, so that one run does not use a one-off mandate twice."""

    def __init__(self, store: Store, tenant: Tenant, day: date) -> None:
        self._store, self._tenant, self._day = store, tenant, day
        self._methods: dict[str, tuple[PaymentMethod, ...]] = {}
        self._used: set[str] = set()

    def at(self, ids: Iterable[str]) -> list[ExaminedInvoice]:
        """The newest state of some invoices that exist, each decided."""
        tenant_id = self._store.tenant_id
        keys = [invoice_key(tenant_id, id_) for id_ in ids]
        found = items_at(keys)
        return self.examined([self._store.take(InvoiceSummary, found[key]) for key in keys])

    def examined(self, invoices: Sequence[InvoiceSummary]) -> list[ExaminedInvoice]:
        """Some invoices, each with the decision whether it is collected."""
        claims = items_at([claim_key(self._store.tenant_id, one.id) for one in invoices])
        return [self._examined(one, claims) for one in invoices]

    def _examined(self, invoice: InvoiceSummary, claims: Mapping[Key, Item]) -> ExaminedInvoice:
        has_debit = claim_key(self._store.tenant_id, invoice.id) in claims
        method, reason = collectable(
            Candidate(invoice, self._usable(invoice.customer_id), has_debit), self._tenant, self._day
        )
        if method is None:
            return ExaminedInvoice(invoice, None, reason)
        is_first = method.mandate.last_collected_on is None and not self._is_used(method)
        self._used.add(method.id)
        return ExaminedInvoice(invoice, method, None, is_first)

    def _usable(self, customer_id: str | None) -> list[PaymentMethod]:
        if customer_id is None:
            return []
        if customer_id not in self._methods:
            self._methods[customer_id] = self._store.all(PaymentMethod, customer_id)
        methods = self._methods[customer_id]
        return [one for one in methods if one.mandate.type == "recurrent" or not self._is_used(one)]

    def _is_used(self, method: PaymentMethod) -> bool:
        return method.id in self._used or has_debits(self._store, method.customer_id, method.id)
