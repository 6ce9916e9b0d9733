"""The draft that replaces an incorrect invoice."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invoicing.core.einvoice import MOST_DOCUMENT_NOTES, DocumentNote
from invoicing.core.errors import Invalid
from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.core.model import LONGEST_TEXT, values_of
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.drafting import corrected
from invoicing.invoices.drafts.references import MOST_REFERENCES, DocumentReference, PrepaidReference
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import NewLine
from invoicing.settlement.deposits import released_by

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant


class Correction(NamedTuple):
    """A correction, and the changes of the periods that it bills in place of its invoice."""

    draft: Recorded[Invoice]
    periods: Sequence[Change]


def correction(
    invoice: Invoice,
    rests: Mapping[str, Sequence[NewLine]],
    *,
    customer: Customer | None,
    tenant: "Tenant",
    moment: Moment,
) -> Invoice:
    """A copy of the invoice as a draft that names it; the client corrects it before finalizing.

    `rests` are the lines that it has instead of one, by the id of that. Deposits of another system are paid money of
    the canceled invoice, which moves to the correction as a payment, so the draft names them by references and a note.
    """
    reference = DocumentReference(invoice_id=invoice.id, number=invoice.number or "", issue_date=invoice.issue_date)
    copied = corrected(invoice)
    lines = (line for old, copy in zip(invoice.lines, copied.lines, strict=True) for line in rests.get(old.id, (copy,)))
    deposits = invoice.prepaid.deposits if invoice.prepaid else ()
    named = (
        DocumentReference(invoice_id=one.invoice_id, number=one.number, issue_date=one.issue_date) for one in deposits
    )
    references = (*invoice.references, *named, reference)
    notes = (*copied.notes, *_notes_about(deposits, invoice))
    if len(references) > MOST_REFERENCES or len(notes) > MOST_DOCUMENT_NOTES:
        raise Invalid(
            f"The correction would have more than {MOST_REFERENCES} references (BG-3) or {MOST_DOCUMENT_NOTES} notes "
            "(BG-1). Cancel the invoice and create another one instead."
        )
    facts = {"references": references, "notes": notes, "order_id": invoice.order_id, "lines": tuple(lines)}
    data = copied.model_copy(update=facts)
    draft = Invoice.draft(
        new_id("inv", moment.at), data, customer=customer, tenant=tenant, moment=moment, origin="correction"
    )
    if released_by(invoice) is not None:
        draft = draft.deducting(invoice.deposits, tenant)
    billed = values_of(invoice, ("subscription_ids", "subscription_periods"))
    return draft.model_copy(update={"corrects_id": invoice.id, **billed})


def _notes_about(deposits: Sequence[PrepaidReference], invoice: Invoice) -> list[DocumentNote]:
    """The notes that state the net and the tax of deposits (§ 14 (5) sentence 2 UStG), as few as they fit into."""
    if not deposits:
        return []
    # The wording formats amounts with a large library, and few corrections have such deposits.
    from invoicing.documents.texts.deposits import sentences_about
    from invoicing.documents.texts.wording import Wording

    texts: list[str] = []
    for sentence in sentences_about(deposits, invoice.currency, Wording.of(invoice.language)):
        if texts and len(texts[-1]) + len(sentence) < LONGEST_TEXT:
            texts[-1] += f"\n{sentence}"
        else:
            texts.append(sentence)
    return [DocumentNote(text=text) for text in texts]
