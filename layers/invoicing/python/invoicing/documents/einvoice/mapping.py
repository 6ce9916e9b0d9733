"""The mapping of an issued document to business terms, shared by both syntaxes."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from invoicing.core.currency import converted, from_minor
from invoicing.core.einvoice import ATTACHABLE, FORMATS, XmlFormat
from invoicing.core.party import Buyer, Contact, ElectronicAddress, PartyId, Seller
from invoicing.documents.einvoice.adjustments import document_adjustments, line_adjustments, rated
from invoicing.documents.einvoice.terms import (
    Adjustment,
    BusinessTerms,
    DocumentTotals,
    EmbeddedFile,
    Identified,
    InvoiceLine,
    Party,
    PaymentMeans,
    Rated,
)
from invoicing.documents.einvoice.wording import deposits, payment_terms
from invoicing.documents.exemptions import exemption_reason
from invoicing.documents.texts.model import Texts, texts_of
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import (
    CARDS,
    DIRECT_DEBITS,
    as_einvoice,
    business_process,
    buyer_reference,
    countries,
    endpoints,
    holder_of,
    payment_means,
    preceding_documents,
    specified,
    stated_texts,
    supplied,
    trading_names,
    type_code,
)
from invoicing.issuing.national.romania import notes_of
from invoicing.issuing.self_billing import with_roles
from invoicing.issuing.vat_rules import tax_currency
from invoicing.pricing.line import Line
from invoicing.pricing.net_prices import price_of
from invoicing.pricing.tax import TaxAmount, normal


def terms_of(document: Invoice, format_: XmlFormat, attachments: Sequence[EmbeddedFile] = ()) -> BusinessTerms:
    """An issued document, as its files show it, in the terms of one format."""
    document = as_einvoice(with_roles(document))
    seller, buyer, issued_on = document.seller, document.customer, document.issue_date
    if document.number is None or issued_on is None or seller is None or buyer is None:
        raise ValueError("only issued documents have an XML form")
    if not {one.content_type for one in attachments} <= ATTACHABLE:
        raise ValueError("no such file may be in an e-invoice (BT-125, BR-CL-24)")
    if len({one.name for one in attachments}) < len(attachments):
        raise ValueError("each attachment has a name of its own (BT-125, BR-DE-22)")
    texts, format_row = texts_of(document.language), FORMATS[format_]
    ours, theirs = endpoints(document, format_)
    our_name, their_name = trading_names(document, format_)
    day, period = supplied(document)
    means = tuple(_means(document, format_))
    adjustments = tuple(document_adjustments(document, texts))
    lines = tuple(_line(place, line, document, texts) for place, line in enumerate(document.lines, 1))
    if not lines:
        lines, adjustments = _as_lines(adjustments), ()
    rates = {line.tax for line in lines} | {one.tax for one in adjustments if one.tax}
    return BusinessTerms(
        specification=specified(document, format_)[0],
        process=business_process(document, format_),
        number=document.number,
        issue_date=issued_on,
        type_code=type_code(document, format_),
        currency=document.currency,
        tax_currency=tax_currency(document),
        due_date=document.due_date,
        buyer_reference=buyer_reference(document),
        contract=document.contract_reference,
        order=document.purchase_order_id,
        payment_terms=payment_terms(
            document, structured="xrechnung" in format_row.rules, short="romania" in format_row.rules
        ),
        notes=tuple(_notes(document, format_, texts)),
        preceding=preceding_documents(document),
        seller=_seller(seller, ours, our_name),
        buyer=_buyer(buyer, theirs, their_name),
        delivered_on=day,
        period=period,
        deliver_to=document.ship_to,
        payee=document.payee,
        tax_representative=seller.tax_representative,
        creditor_id=seller.creditor_id if any(one.mandate for one in means) else None,
        remittance=document.payment_reference or document.number,
        means=means,
        adjustments=adjustments,
        totals=_totals(document, lines, adjustments),
        taxes=tuple(_taxes(document, rates, texts)),
        attachments=tuple(attachments),
        supporting=document.supporting_documents,
        lines=lines,
        project=document.project_reference,
        sales_order=document.sales_order_id,
        receiving_advice=document.receiving_reference,
        despatch_advice=document.despatch_reference,
        tender=document.tender_reference,
        invoiced_object=_identified(document.object_id, document.object_scheme),
        accounting_reference=document.accounting_reference,
        tax_point_date=document.tax_point_date,
        tax_point_code=document.tax_point_code,
    )


def _notes(document: Invoice, format_: XmlFormat, texts: Texts) -> Iterator[tuple[str | None, str]]:
    """The texts of the document as one note, and its notes with their subjects.

    Peppol allows one note, but several between German parties (PEPPOL-EN16931-R002). Notes are short in Romania
    (BR-RO-L300), so there each text is a note, and a longer sentence about a deposit is several.
    """
    whole, notes = list(_texts(document, texts)), document.notes
    if notes and "peppol" in FORMATS[format_].rules and countries(document) != ("DE", "DE"):
        whole, notes = [*whole, *(one.text for one in notes)], ()
    if "romania" in FORMATS[format_].rules:
        yield from ((None, part) for text in whole for part in notes_of(text))
    elif whole:
        yield None, "\n\n".join(whole)
    yield from ((one.subject_code, one.text) for one in notes)


def _texts(document: Invoice, texts: Texts) -> Iterator[str]:
    """The document's texts, and the sentences of the PDF about the date of supply and the deposits."""
    yield from stated_texts(document)
    day, _ = supplied(document)
    if day and day == document.issue_date:
        yield f"{texts.label('service_date')} {texts.label('is_issue_date')}"
    if document.split_tax is not None:
        yield texts.label("split_payment")
    yield from deposits(document)


def _seller(seller: Seller, endpoint: ElectronicAddress | None, trading_name: str | None) -> Party:
    contact = seller.contact or Contact()
    return Party(
        name=seller.name,
        address=seller.address,
        # The seller has to be identified (BR-CO-26), and a tax number alone does not suffice.
        identifiers=seller.party_ids or _tax_number_alone(seller),
        legal_information=seller.legal_information,
        legal_id=seller.legal_id,
        legal_id_scheme=seller.legal_id_scheme,
        trading_name=trading_name,
        vat_id=seller.vat_id,
        tax_number=seller.tax_number,
        endpoint=endpoint,
        contact=contact.name,
        phone=contact.phone,
        email=contact.email,
    )


def _tax_number_alone(seller: Seller) -> tuple[PartyId, ...]:
    if seller.vat_id or seller.legal_id or seller.tax_number is None:
        return ()
    return (PartyId(id=seller.tax_number),)


def _buyer(buyer: Buyer, endpoint: ElectronicAddress | None, trading_name: str | None) -> Party:
    person = " ".join(name for name in (buyer.first_name, buyer.last_name) if name)
    return Party(
        name=buyer.name,
        address=buyer.address,
        identifiers=(buyer.party_id,) if buyer.party_id else (),
        legal_id=buyer.legal_id,
        legal_id_scheme=buyer.legal_id_scheme,
        trading_name=trading_name,
        vat_id=buyer.tax_id,
        endpoint=endpoint,
        contact=person or None,
        phone=buyer.phone,
        email=buyer.emails[0] if buyer.emails else None,
    )


def _means(document: Invoice, format_: XmlFormat) -> Iterator[PaymentMeans]:
    """Each way to pay. They share one text, which the first states (UBL-SR-46)."""
    text = document.payment_means_text
    for place, (code, account) in enumerate(payment_means(document, format_)):
        yield PaymentMeans(
            code,
            account=account,
            text=text if place == 0 else None,
            account_holder=(account.account_holder or holder_of(document)) if account else None,
            card=document.card if code in CARDS else None,
            mandate=document.mandate if code in DIRECT_DEBITS else None,
        )


def _line(place: int, line: Line, document: Invoice, texts: Texts) -> InvoiceLine:
    price = price_of(line, document.currency, inclusive=document.price_tax_inclusive)
    return InvoiceLine(
        id=str(place),
        name=line.name,
        description=line.description,
        item_id=line.item_id,
        attributes=tuple(_attributes(line, texts)),
        quantity=normal(line.quantity),
        unit=line.unit,
        net=line.net,
        price=price.net,
        base_quantity=None if price.base_quantity == 1 else price.base_quantity,
        gross_price=price.gross,
        price_discount=price.discount,
        adjustments=tuple(line_adjustments(price, texts)),
        tax=rated(line.tax),
        period=line.period,
        note=_line_note(line, texts),
        invoiced_object=_identified(line.object_id, line.object_scheme),
        order_line=line.order_line,
        accounting_reference=line.accounting_code,
        buyer_item_id=line.buyer_item_id,
        standard_item=_identified(line.standard_item_id, line.standard_item_scheme),
        classifications=line.classifications,
        origin=line.origin_country,
    )


def _attributes(line: Line, texts: Texts) -> Iterator[tuple[str, str]]:
    if line.serial_number:
        yield texts.label("serial_number"), line.serial_number
    yield from ((one.name, one.value) for one in line.attributes)


def _line_note(line: Line, texts: Texts) -> str | None:
    """The line's note, with its package before it: EN 16931 has no groups of lines, but the PDF shows them."""
    package = texts.label("package", package=line.package_name) if line.package_name else None
    return "\n".join(text for text in (package, line.note) if text) or None


def _identified(id_: str | None, scheme: str | None) -> Identified | None:
    return Identified(id_, scheme) if id_ else None


def _as_lines(adjustments: Sequence[Adjustment]) -> tuple[InvoiceLine, ...]:
    """A credit of shipping alone, as lines: a document has at least one (BR-16)."""
    return tuple(
        InvoiceLine(
            id=str(place),
            name=one.reason or "",
            description=None,
            item_id=None,
            attributes=(),
            quantity=Decimal(1 if one.charge else -1),
            unit="C62",
            net=one.amount if one.charge else -one.amount,
            price=one.amount,
            base_quantity=None,
            gross_price=None,
            price_discount=None,
            adjustments=(),
            tax=one.tax,
            period=None,
        )
        for place, one in enumerate(adjustments, 1)
        if one.tax
    )


def _taxes(document: Invoice, used: Collection[Rated], texts: Texts) -> Iterator[TaxAmount]:
    """The taxable amount of each rate, which is zero if a credit, or an allowance and a charge, cancel it out."""
    for tax in document.tax_breakdown:
        if tax.taxable or tax.tax or rated(tax) in used:
            reason = exemption_reason(document, tax, texts)
            yield tax.model_copy(update={"exemption_reason": reason})


def _totals(document: Invoice, lines: Sequence[InvoiceLine], adjustments: Sequence[Adjustment]) -> DocumentTotals:
    nothing = from_minor(0, document.currency)
    # The customer pays the tax of a split payment to the state.
    paid, rounding = document.split_tax or nothing, nothing
    if document.type == "invoice":
        deposits = sum((one.total for one in document.deposits), nothing)
        paid += document.paid + (document.prepaid.amount if document.prepaid else nothing) + deposits
        rounding = document.rounding or nothing
    off = [one.amount for one in adjustments if not one.charge]
    on = [one.amount for one in adjustments if one.charge]
    return DocumentTotals(
        lines=sum((line.net for line in lines), nothing),
        allowances=sum(off, nothing) if off else None,
        charges=sum(on, nothing) if on else None,
        without_tax=document.total - document.tax,
        tax=document.tax,
        tax_in_tax_currency=_tax_in_tax_currency(document),
        with_tax=document.total,
        paid=paid,
        rounding=rounding,
        due=document.total - paid + rounding,
    )


def _tax_in_tax_currency(document: Invoice) -> Decimal | None:
    """The tax in the currency that it is declared in (BT-111)."""
    currency = tax_currency(document)
    if currency is None or document.exchange_rate is None:
        return None
    return converted(document.tax, document.exchange_rate, currency)
