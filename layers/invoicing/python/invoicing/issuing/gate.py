"""The gate: a document that breaks a rule of the law, of VAT or of its format gets no number."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from invoicing.core.errors import Violation
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.legal_content import LegalContentMissing, missing_content
from invoicing.issuing.printing import require_printable
from invoicing.issuing.self_billing import with_own_pointers, with_roles
from invoicing.issuing.vat_rules import broken_vat_rules

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice
from invoicing.core.einvoice import XmlFormat, xml_format_of
from invoicing.issuing.einvoice import as_einvoice

_OF_A_CREDIT: Final = ("/seller/number_series", "/supporting_documents", "/attachments")
"""The pointers to the number of a credit note or cancellation, and to the documents and files of its request."""


def require_issuable(invoice: "Invoice", format_: XmlFormat | None) -> None:
    """Refuse to issue a document with frozen parties that breaks a rule or cannot be printed.

    The rules are those of the law, of its VAT categories and of its format. One refusal names every broken rule. Its
    code is that of EN 16931 if such a rule is among them.
    """
    missing = tuple(with_own_pointers(missing_content(with_roles(invoice)), invoice))
    broken = tuple(_broken_rules(invoice, format_))
    if broken:
        raise En16931RuleBroken.of(*broken, *missing)
    if missing:
        raise LegalContentMissing(" ".join(one.message for one in missing), errors=missing)
    require_printable(invoice)


def require_rules(invoice: "Invoice", format_: XmlFormat) -> None:
    """Refuse to write an issued document in a format whose rules it breaks."""
    broken = tuple(_broken_rules(invoice, format_))
    if broken:
        raise En16931RuleBroken.of(*broken)


def require_sound_credit(document: "Invoice", stated_notes: int = 0) -> None:
    """Refuse to issue a credit note or cancellation whose own fields break a rule of its format.

    Those are its number, its supporting documents and files, and the first of its notes, as many as its request states.

    Its other fields are copies of an issued invoice, which may be older than a rule that they break. No request can
    correct those, and the invoice has to remain creditable, so a document that breaks such a rule is issued.
    """
    format_ = xml_format_of(document.einvoice_format)
    broken = () if format_ is None else tuple(_broken_rules(document.as_issued, format_))
    own = (*_OF_A_CREDIT, *(f"/notes/{place}/" for place in range(stated_notes)))
    of_all_notes = "/notes" if stated_notes else None
    if broken and all(one.pointer.startswith(own) or one.pointer == of_all_notes for one in broken):
        raise En16931RuleBroken.of(*broken)


def _broken_rules(invoice: "Invoice", format_: XmlFormat | None) -> Iterator[Violation]:
    yield from with_own_pointers(_of_its_roles(with_roles(invoice), format_), invoice)


def _of_its_roles(invoice: "Invoice", format_: XmlFormat | None) -> Iterator[Violation]:
    yield from broken_vat_rules(invoice, electronic=format_ is not None)
    if format_ is not None:
        # The formats' rules and code lists are loaded only if the document becomes an e-invoice.
        from invoicing.issuing.einvoice_rules import broken_rules

        yield from broken_rules(as_einvoice(invoice), format_)
