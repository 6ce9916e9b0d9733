"""Dunning: what is read to decide about an invoice."""

from datetime import date
from typing import NamedTuple

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.dunning_step import Prospect, prospect
from invoicing.domain.invoice import Invoice
from invoicing.domain.tenant import Tenant


class Outlook(NamedTuple):
    """What dunning does next with an invoice, and for whom."""

    prospect: Prospect
    tenant: Tenant
    recipients: tuple[str, ...]


def outlook(store: Store, invoice: Invoice, today: date) -> Outlook:
    """What dunning does next with an invoice, by the rules and the customer as they are now."""
    tenant, customer = store.tenant_and_customer(invoice.customer_id)
    recipients = customer.emails if customer else invoice.recipients
    ahead = prospect(
        invoice,
        store.dunning_rules(),
        customer=customer,
        reachable=bool(recipients),
        tenant=tenant,
        payments=store.payments(invoice.id),
        today=today,
    )
    return Outlook(ahead, tenant, recipients)
