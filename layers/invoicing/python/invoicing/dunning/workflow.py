"""Dunning: reading the facts about an invoice, and reaching its next level."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, islice
from typing import NamedTuple

from invoicing.core.errors import Invalid, SenderNotGranted
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_id
from invoicing.core.model import days_after
from invoicing.customers.model import Customer
from invoicing.customers.table import tenant_and_customer
from invoicing.dunning.before_due import DueReminder, reminder_id, rule_before_due
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.events import DunningDocumentCreated, DunningSkipped
from invoicing.dunning.rule import BEFORE_DUE, HIGHEST_LEVEL, DunningRule, DunningRuleData, rule_for
from invoicing.dunning.skip import NEEDS_ACTION, DunningSkip
from invoicing.dunning.step import Debtor, Obstacle, Prospect, prospect
from invoicing.dunning.table import document_at, due_between, was_skipped
from invoicing.dunning.undelivered import NOT_SENT, count_skipped, undone
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import at_level
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.mail.events import ReminderRequested
from invoicing.mail.model import OutgoingMail, Sending
from invoicing.mail.table import posting
from invoicing.payments.model import Payment
from invoicing.store.listing import ids_before
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of
from invoicing.transactions.table import debit_under_way

MOST_SHOWN = 100
"""How many invoices one response considers. The run itself has no bound."""
_TYPES = ("company", "person")


class LevelResult(NamedTuple):
    """The document of a level that was reached, or the reason why none was."""

    document: DunningDocument | None
    obstacle: Obstacle | None


def candidates(tenant_id: str, rules: Sequence[DunningRule], today: date, *, disabled: bool = False) -> Iterator[str]:
    """The ids of open invoices that are past the day of their next level; `disabled`: of those not to be dunned."""
    for customer_type in _TYPES:
        for level in range(1, HIGHEST_LEVEL + 1):
            rule = rule_for(rules, level, customer_type)
            if rule is not None:
                open_ones = at_level(tenant_id, customer_type, level - 1, disabled=disabled)
                yield from ids_before(open_ones, today - timedelta(days=rule.days_overdue - 1))


def due_and_skipped(
    store: Store, rules: Sequence[DunningRule], today: date
) -> tuple[list[tuple[Invoice, Prospect]], bool]:
    """The steps of a run for invoices past their day, disabled ones last, and whether there are more."""
    active, off = (candidates(store.tenant_id, rules, today, disabled=disabled) for disabled in (False, True))
    ids = list(islice(chain(active, off), MOST_SHOWN + 1))
    invoices = [store.get(Invoice, id_) for id_ in ids[:MOST_SHOWN]]
    return [(invoice, outlook(store, invoice, rules)) for invoice in invoices], len(ids) > MOST_SHOWN


def outlook(store: Store, invoice: Invoice, rules: Sequence[DunningRule]) -> Prospect:
    """The next dunning step of an invoice, by the present rules and customer."""
    tenant, customer = tenant_and_customer(store, invoice.customer_id)
    return _prospect(store, invoice, rules, tenant, customer, tenant.today(store.session.now))


def reach_next_level(store: Store, invoice_id: str, rules: Sequence[DunningRule], today: date) -> LevelResult:
    """Let an invoice reach its next level if that is due. One commit has level, document, timeline, event and date.

    If the invoice changes at the same moment, or was dunned already, its newest state decides.
    """
    return retry_on_conflict(store, lambda fresh: _reach_next_level(fresh, invoice_id, rules, today))


def _reach_next_level(store: Store, invoice_id: str, rules: Sequence[DunningRule], today: date) -> LevelResult:
    invoice = store.get(Invoice, invoice_id)
    tenant, customer, counter = parties_and_counter(store, invoice.customer_id, "dunning", today)
    step, obstacle = _prospect(store, invoice, rules, tenant, customer, today)
    if obstacle == "undelivered":
        _cancel_stuck_document(store, invoice, today)
    if step is None or obstacle is not None:
        record_skipped(store, invoice, Prospect(step, obstacle), today)
        return LevelResult(None, obstacle)
    moment = store.session.moment

    def decide(number: str) -> list[Change]:
        document, after = DunningDocument.of(new_id("ddo", moment.at), number, invoice, step, moment=moment)
        return [document, Recorded(after, DunningDocumentCreated.of(document))]

    return LevelResult(issue(store, DunningDocument, counter, decide, moving=False), None)


def due_soon(tenant_id: str, rules: Sequence[DunningRule], today: date) -> Iterator[str]:
    """The ids of open invoices whose reminder before the due date is due."""
    for customer_type in _TYPES:
        rule = rule_for(rules, BEFORE_DUE, customer_type)
        if rule is not None:
            yield from due_between(
                tenant_id, customer_type, days_after(today, 1), days_after(today, -rule.days_overdue)
            )


def remind_before_due(store: Store, invoice_id: str, rules: Sequence[DunningRule], today: date) -> None:
    """Request the reminder of a due date, once for a document. One commit has the record, the mail and the event."""
    retry_on_conflict(store, lambda fresh: _remind_before_due(fresh, invoice_id, rules, today))


def _remind_before_due(store: Store, invoice_id: str, rules: Sequence[DunningRule], today: date) -> None:
    invoice = store.get(Invoice, invoice_id)
    tenant, customer = tenant_and_customer(store, invoice.customer_id)
    rule, due = rule_before_due(invoice, rules, customer, today), invoice.due_date
    if rule is None or due is None or store.exists(DueReminder, reminder_id(due, invoice.id)):
        return
    if debit_under_way(store, invoice.id):
        return
    recipients = invoice.recipients(customer, "dunning")
    unreachable = _unreachable(store, tenant, recipients)
    if unreachable is not None:
        _record_obstacle(store, invoice, rule.level, unreachable)
        return
    at = store.session.now
    sending = Sending(to=recipients, attach_pdf=rule.attach_invoice)
    mail = OutgoingMail.reminder(new_id("mail", at), invoice.id, rule.id, sending, at=at)
    requested = Recorded(invoice, ReminderRequested.of(mail))
    store.record(DueReminder.of(invoice, due, mail.id, at), requested, mail)


def _cancel_stuck_document(store: Store, invoice: Invoice, today: date) -> None:
    """Cancel a level whose document was not sent, for any reason. The level is issued again."""
    last = document_at(store, invoice.id, invoice.dunning_so_far.level)
    if last is not None and last.is_stuck(today):
        canceled, changes = undone(store, last, invoice, NOT_SENT)
        store.record(canceled, *changes)
        count_skipped(changes)


def _prospect(
    store: Store,
    invoice: Invoice,
    rules: Sequence[DunningRule],
    tenant: Tenant,
    customer: Customer | None,
    today: date,
) -> Prospect:
    last = document_at(store, invoice.id, invoice.dunning_so_far.level)
    unreachable = _unreachable(store, tenant, invoice.recipients(customer, "dunning"))
    debtor = Debtor(customer, unreachable, undelivered=last is not None and last.status == "open")
    ahead = prospect(invoice, rules, debtor, tenant=tenant, payments=store.all(Payment, invoice.id), today=today)
    # Only invoices that would be dunned now need the read.
    if ahead.step is not None and ahead.obstacle is None and debit_under_way(store, invoice.id):
        return ahead._replace(obstacle="debit_under_way")
    return ahead


def _unreachable(store: Store, tenant: Tenant, recipients: Collection[str]) -> Obstacle | None:
    """The reason why a mail to a customer would not arrive, if it is known in advance."""
    if not recipients:
        return "address_missing"
    try:
        tenant.require_sender()
    except (SenderMissing, SenderNotGranted):
        return "sender_missing"
    _, post = posting(store, recipients)
    if not post.deliverable(recipients):
        return "address_suppressed"
    return "email_limit_reached" if post.today >= tenant.email_daily_limit else None


def require_base_rate(store: Store, data: DunningRuleData) -> None:
    """Refuse interest for a company without a known base rate: the rule would never be applied."""
    if data.interest is None:
        return
    tenant = tenant_of(store)
    today = tenant.today(store.session.now)
    if not tenant.known_base_rates.cover(today, today):
        message = (
            f"The base rate of the tenant's country on {today} is not known; add it to the tenant's base_rates first."
        )
        raise Invalid(message, pointer="/interest")


def record_skipped(store: Store, invoice: InvoiceSummary, ahead: Prospect, today: date) -> None:
    """Record that an overdue invoice does not reach its next level, if a user has to act on it."""
    step, reason = ahead
    if reason is None or reason not in NEEDS_ACTION or (step is not None and step.on > today):
        return
    _record_obstacle(store, invoice, invoice.dunning_so_far.level + 1, reason)


def _record_obstacle(store: Store, invoice: InvoiceSummary, level: int, reason: Obstacle) -> None:
    """Record an obstacle that a user has to remove, once for each invoice and level."""
    if was_skipped(store, invoice.id, level, reason):
        return
    skipped = Recorded(invoice, DunningSkipped(level=level, reason=reason))
    store.record(DunningSkip.of(invoice.id, level, reason, store.session.now), skipped)
    count_skipped([skipped])
