"""The documents of a change: credit notes over the days that are not served, the invoice, and altered drafts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from invoicing.collection.table import with_mandate
from invoicing.core.currency import from_minor
from invoicing.core.errors import DocumentTooLarge
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_ids
from invoicing.customers.model import Customer
from invoicing.document_forms.workflow import form_of
from invoicing.invoices.drafts.model import ChangedInvoice
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.event import InvoiceEvent
from invoicing.invoices.events import InvoiceDeleted, InvoiceFinalized, InvoiceUpdated, RecurringInvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.gate import require_sound_credit
from invoicing.issuing.workflow import Issuing, Numbers
from invoicing.numbering.model import alongside
from invoicing.payments.model import PaymentData
from invoicing.pricing.line import ChangedLine, FilledLine, Line
from invoicing.pricing.payable import owed_total
from invoicing.settlement.credit import CreditData, Credited, CreditedPart
from invoicing.settlement.credit_note import credit_note
from invoicing.settlement.deducting import spendable_of
from invoicing.settlement.events import InvoiceCredited, PaymentRecorded
from invoicing.settlement.model import WaitingCredit, apply_credit
from invoicing.settlement.table import credited_of
from invoicing.settlement.workflow import with_status
from invoicing.store.store import Store
from invoicing.store.transaction import MAX_WRITES
from invoicing.subscriptions.billing.entries import ItemLine, require_room_for
from invoicing.subscriptions.changing.settling import BilledLine, DraftChange, Settlement, billed_lines
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Action, Subscription

_OF_THE_RESPONSE = 4
"""The most items that the stored response takes."""


@dataclass
class BilledInvoices:
    """The invoices of some periods, with their credits."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    credited: dict[str, tuple[Credited, ...]] = field(default_factory=dict)

    @property
    def lines(self) -> dict[str, BilledLine]:
        """The lines of all of them by their ids."""
        found: dict[str, BilledLine] = {}
        for id_, invoice in self.invoices.items():
            found |= billed_lines(invoice, self.credited[id_])
        return found


def billed_invoices(store: Store, rows: Iterable[SubscriptionPeriod]) -> BilledInvoices:
    """Read the invoices that bill some periods. Deleted drafts of earlier changes are left out."""
    found = BilledInvoices()
    named = (id_ for row in rows for id_ in (row.invoice_id, *(one.invoice_id for one in row.items)) if id_)
    for id_ in dict.fromkeys(named):
        try:
            invoice = store.get(Invoice, id_)
        except InvoiceNotFound:
            continue
        found.invoices[id_], found.credited[id_] = invoice, credited_of(store, invoice)
    return found


@dataclass
class Documents:
    """The documents of a change as they are committed."""

    changes: list[Change] = field(default_factory=list)
    lines: dict[int, Line] = field(default_factory=dict)
    """The lines that entries became, by the identity of the entry."""
    notes: list[Invoice] = field(default_factory=list)
    refunds: list[WaitingCredit] = field(default_factory=list)
    """The parts of the credit notes that were paid before."""
    invoice: Invoice | None = None
    """The new invoice."""
    edited: list[tuple[Invoice, Invoice]] = field(default_factory=list)
    """Drafts before and after the change."""
    discarded: list[Invoice] = field(default_factory=list)
    """Drafts of which no line is left. They are deleted."""
    numbers: Numbers = field(default_factory=Numbers)


@dataclass
class _Credited:
    """An invoice with a credit note, and the events about it."""

    before: Invoice
    after: Invoice
    note: Invoice
    credited: Credited
    events: list[InvoiceEvent]


def documents_of(
    store: Store,
    subscription: Subscription,
    settlement: Settlement,
    found: BilledInvoices,
    draft: Invoice | None,
    parties: Issuing[Customer],
) -> Documents:
    """The documents of a change: credited first, so that the refund can pay the invoice of the same change."""
    made = Documents()
    for id_, change in settlement.drafts.items():
        _edit(store, made, found.invoices[id_], change, parties)
    credited = [
        _credit(store, made, found, id_, amounts, parties)
        for id_, amounts in settlement.credits.items()
        # Nothing is left to be credited of an invoice whose discount is its whole amount.
        if found.invoices[id_].credited < owed_total(found.invoices[id_])
    ]
    if draft is not None:
        billed = len(draft.lines) - len(settlement.charges)
        made.lines |= {id(one): line for one, line in zip(settlement.charges, draft.lines[billed:], strict=True)}
        _charge(store, made, draft, subscription.action, credited, parties)
    for one in credited:
        changed, dunned = with_status(store, one.before, one.after, *one.events)
        made.changes += [Recorded(one.note, InvoiceFinalized(number=one.note.number or "")), changed, *dunned]
        made.changes.append(one.credited)
        made.notes.append(one.note)
        if one.note.credit_settlement and one.note.credit_settlement.refund > 0:
            refund = one.note.credit_settlement.refund
            made.refunds.append(WaitingCredit(invoice_id=one.before.id, amount=refund))
    return made


def require_room(store: Store, changes: Sequence[Change], numbers: Numbers) -> None:
    """Refuse a change whose documents do not fit into one transaction."""
    items = store.weight(*changes).items + numbers.items + _OF_THE_RESPONSE
    if items > MAX_WRITES:
        detail = "More documents would change than one transaction can hold. Choose a later date."
        raise DocumentTooLarge(detail, pointer="/on")


def _edit(store: Store, made: Documents, draft: Invoice, change: DraftChange, parties: Issuing[Customer]) -> None:
    """Replace lines of a draft, and add others at its end. A draft without lines is no invoice, and is deleted."""
    lines: list[ChangedLine] = []
    entries: list[ItemLine | None] = []
    for line in draft.data.lines:
        replaced = change.replaced.get(line.id or "")
        for place, entry in enumerate([None] if replaced is None else replaced):
            kept_id = line.id if place == 0 else None
            lines.append(line if entry is None else _line_of(entry, kept_id))
            entries.append(entry)
    lines += [_line_of(entry, None) for entry in change.added]
    entries += change.added
    require_room_for(lines)
    data = ChangedInvoice(**{**dict(draft.data), "lines": tuple(lines)})
    moment = store.session.moment
    after = draft.changed(data, customer=parties.customer, tenant=parties.tenant, moment=moment)
    made.lines |= {id(one): line for one, line in zip(entries, after.lines, strict=True) if one is not None}
    made.edited.append((draft, after))
    if after.lines:
        made.changes.append(Recorded(after, InvoiceUpdated()))
    else:
        made.discarded.append(draft)
        made.changes.append(Recorded(draft, InvoiceDeleted()))


def _line_of(entry: ItemLine, id_: str | None) -> ChangedLine:
    """The line of a draft for an entry, with the price of the catalogue that it was filled in from."""
    kind = FilledLine if isinstance(entry.line, FilledLine) else ChangedLine
    return kind(**{**dict(entry.line), "id": id_})


def _credit(
    store: Store,
    made: Documents,
    found: BilledInvoices,
    invoice_id: str,
    amounts: Mapping[str, int],
    parties: Issuing[Customer],
) -> _Credited:
    """The credit note over parts of the lines of an invoice."""
    invoice, moment = found.invoices[invoice_id], store.session.moment
    counter = made.numbers.counter(store, parties.tenant, alongside(invoice.series, "credit_note"))
    parties.tenant.require_issue_date(counter.issued, counter.issued)
    parts = (CreditedPart(line_id=id_, amount=from_minor(one, invoice.currency)) for id_, one in amounts.items())
    data = CreditData(lines=tuple(parts), reason="order_change")
    so_far = found.credited[invoice_id]
    note, after, credited = credit_note(invoice, so_far, data, counter.number, day=counter.issued, moment=moment)
    note = made.numbers.taken(counter, note)
    require_sound_credit(note)
    event = InvoiceCredited.by(note, data.reason, None)
    return _Credited(invoice, after, note, credited, [event])


def _charge(
    store: Store,
    made: Documents,
    draft: Invoice,
    action: Action,
    credited: Sequence[_Credited],
    parties: Issuing[Customer],
) -> None:
    """The invoice of a change, as a draft or issued as the subscription wants."""
    if action == "draft":
        made.invoice = draft
        made.changes.append(Recorded(draft, RecurringInvoiceCreated()))
        return
    tenant, customer, _ = parties
    counter = made.numbers.counter(store, tenant, draft.series)
    draft = with_mandate(store, draft, counter.issued)
    issued = finalized(
        draft,
        counter.number,
        Parties(tenant, customer, form_of(store, draft, customer, tenant)),
        issue_date=counter.issued,
        moment=store.session.moment,
    )
    send = action == "send"
    if send:
        issued.require_mailable(tenant, customer, "/action")
    issued = made.numbers.taken(counter, issued)
    events: list[InvoiceEvent] = [RecurringInvoiceCreated(), InvoiceFinalized(number=counter.number, send=send)]
    paid = issued
    for one in credited:
        paid = _paid(store, made, paid, one, events, counter.issued)
    changed, dunned = with_status(store, issued, paid.model_copy(update={"paid_at_issue": paid.paid or None}), *events)
    made.invoice = changed.thing
    made.changes += [changed, *dunned]


def _paid(
    store: Store, made: Documents, invoice: Invoice, source: _Credited, events: list[InvoiceEvent], today: date
) -> Invoice:
    """The new invoice after the refund of a credited one was applied to it."""
    own = source.note.credit_settlement.refund if source.note.credit_settlement else Decimal(0)
    amount = min(own, spendable_of(store, source.after), invoice.due)
    if amount <= Decimal(0):
        return invoice
    moment = store.session.moment
    first, second = islice(new_ids("pay", moment.at), 2)
    data = PaymentData(amount=amount, method="credit", source_id=source.before.id, date=today)
    moved = apply_credit(source.after, invoice, (first, second), data, moment=moment)
    source.after = moved.source
    source.events.append(PaymentRecorded.of(moved.refund))
    events.append(PaymentRecorded.of(moved.payment))
    made.changes += [moved.payment, moved.refund]
    return moved.target
