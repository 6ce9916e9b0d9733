"""The changes that finalize a draft, with the documents and notes that change with it."""

from collections.abc import Callable

from invoicing.collection.table import with_mandate
from invoicing.core.event import Change
from invoicing.customers.model import Customer
from invoicing.document_forms.design import IssuedForm
from invoicing.invoices.events import InvoiceFinalized
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import FinalizeInvoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.workflow import Issuing
from invoicing.notes.attaching import attached_to, attaching
from invoicing.settlement.deducting import deducted_by, deducting
from invoicing.settlement.workflow import carried_over
from invoicing.store.store import Store
from invoicing.subscriptions.workflow import after_issue, billed_subscription


def finalization(
    store: Store,
    invoice: Invoice,
    parties: Issuing[Customer | None],
    form: IssuedForm | None,
    options: FinalizeInvoice,
    *,
    run_id: str | None = None,
) -> Callable[[str], list[Change]]:
    """A function that decides the changes from the number of the document, its own first.

    Deposits, attachments and the subscription are read now, the subscription unless it was read before. The function
    refuses a draft that breaks a rule.
    """
    tenant, customer, counter = parties
    draft, deposits = deducting(store, invoice, invoice.deposits, tenant)
    draft = with_mandate(store, draft, counter.issued)
    files = attaching(store, draft.id, [one.source for one in draft.attachments])
    subscription = billed_subscription(store, draft)

    def decide(number: str) -> list[Change]:
        issued = finalized(
            files.to(draft).model_copy(update={"billing_run_id": run_id or draft.billing_run_id}),
            number,
            Parties(tenant, customer, form),
            issue_date=counter.issued,
            due_date=options.due_date,
            moment=store.session.moment,
        )
        if options.send:
            issued.require_mailable(tenant, customer)
        event = InvoiceFinalized(number=number, send=options.send, billing_run_id=run_id)
        waiting = subscription.waiting_credits if subscription else ()
        paid = carried_over(store, issued, event, waiting=waiting)
        others = [*deducted_by(issued, deposits, store), *attached_to(issued, files.notes, store)]
        return [*paid.changes, *others, *after_issue(subscription, issued, paid.rest, store.session.moment)]

    return decide
