"""Checks of VAT ids: VIES is asked, and the answer is recorded unless the customer has another VAT id by then."""

from invoicing.core.event import Recorded
from invoicing.customers import vies
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.events import VatCheckDeferred, VatIdChecked
from invoicing.customers.model import Customer
from invoicing.customers.vat_check import VatCheck, vies_id
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import tenant_of


def check_vat_id(store: Store, customer_id: str) -> None:
    """Check the VAT id of a customer if it has one without a result."""
    try:
        customer = store.get(Customer, customer_id)
    except CustomerNotFound:
        return
    vat_id = customer.unchecked_vat_id(store.session.now)
    if vat_id is None:
        return
    check, reason = _asked(store, vat_id, customer.vat_check)
    retry_on_conflict(store, lambda fresh: _record(fresh, customer_id, check, reason))


def _asked(store: Store, vat_id: str, before: VatCheck | None) -> tuple[VatCheck, str | None]:
    """The check after VIES was asked, and the reason why it has no result."""
    now = store.session.now
    try:
        answer = vies.ask(vat_id, vies_id(tenant_of(store).vat_id))
    except vies.Unanswered as failure:
        return VatCheck.unanswered(vat_id, before, now), str(failure)
    return VatCheck.answered(vat_id, answer, now), None


def _record(store: Store, customer_id: str, check: VatCheck, reason: str | None) -> None:
    try:
        customer = store.get(Customer, customer_id)
    except CustomerNotFound:
        return
    if not customer.awaits(check):
        return
    event = VatIdChecked(valid=check.status == "valid") if reason is None else VatCheckDeferred(reason=reason)
    store.record(Recorded(customer.with_vat_check(check), event))
