"""Steps that functions about payment methods share: references of mandates, and the default one of a customer."""

from typing import NamedTuple

from invoicing.bank.showing import shown_to
from invoicing.collection.events import PaymentMethodUpdated
from invoicing.collection.model import PaymentMethod, SepaMandate, comparable
from invoicing.collection.requests import NewMandate
from invoicing.collection.table import default_moved, default_of
from invoicing.core.event import Change, Event, Recorded
from invoicing.core.model import values_of
from invoicing.customers.model import Customer
from invoicing.http.request import Request
from invoicing.numbering.model import MANDATE, series_of
from invoicing.numbering.table import counter_in, counter_keys, reference_taken
from invoicing.store.changes import Also
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of


class GivenMandate(NamedTuple):
    """The mandate of a new payment method, and the writes that take its reference."""

    mandate: SepaMandate
    also: tuple[Also, ...]


def given_mandate(store: Store, customer: Customer, asked: NewMandate, owner: str) -> GivenMandate:
    """The mandate of a new payment method, with the reference of the request or the next one of the tenant's series."""
    tenant, also = tenant_of(store), tuple[Also, ...]()
    reference = asked.reference
    if reference is None:
        reference, taken = _free_reference(store, tenant, customer, owner)
        also = (taken,)
    given = values_of(asked, ("scheme", "type", "signed_on"))
    return GivenMandate(SepaMandate(reference=reference, creditor_id=tenant.creditor_id, **given), also)


def _free_reference(store: Store, tenant: Tenant, customer: Customer, owner: str) -> tuple[str, Also]:
    """The next reference of the tenant's series of mandates. Those that were given to other mandates are skipped."""
    own = series_of(MANDATE, customer.group)
    name = own if own in tenant.number_series else MANDATE
    today = tenant.today(store.session.now)
    counter = counter_in(items_at(counter_keys(tenant.id, name, today.year)), tenant, name, today)
    skipped = 0
    while True:
        text = counter.series.number(counter.next + skipped, today)
        if store.holder(PaymentMethod, "mandate_reference", comparable(text)) is None:
            return text, reference_taken(counter, skipped, owner)
        skipped += 1


def saved(request: Request, changed: PaymentMethod, *events: Event, also: tuple[Also, ...] = ()) -> PaymentMethod:
    """Commit a payment method; as the default, it takes the place of the one before. Returns the response."""
    store, more = request.store, list[Change]()
    before = default_of(store, changed.customer_id)
    if changed.default and before != changed.id:
        also = (*also, default_moved(changed.customer_id, before, changed.id))
        if before is not None:
            other = store.get(PaymentMethod, changed.customer_id, before).with_default(request.moment, default=False)
            more.append(Recorded(other, PaymentMethodUpdated()))
    elif not changed.default and before == changed.id:
        also = (*also, default_moved(changed.customer_id, before, None))
    shown = shown_to(request.caller, changed.model_copy(update={"version": changed.version + 1}))
    store.commit(Recorded(changed, *events), *more, also=also, response=shown)
    return shown
