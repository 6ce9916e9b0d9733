"""The content of the pages of an invoice, credit note or cancellation, in its language.

The template only places these texts, so the printed content can be tested without a page.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, get_args

from invoicing.core.currency import converted, exponent
from invoicing.document_forms.design import Column
from invoicing.documents.address import address_lines
from invoicing.documents.deposit_words import deposit_sentences, document_name
from invoicing.documents.exemptions import exemption_reason
from invoicing.documents.letterhead import closing_of, identified, in_one_line, letterhead
from invoicing.documents.payment import payment_of
from invoicing.documents.sums import Package, entry_rows, line_notes, packages_of, settlement_rows
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import supplied
from invoicing.issuing.self_billing import with_roles
from invoicing.issuing.vat_rules import tax_currency
from invoicing.pricing.line import Line, Period
from invoicing.pricing.tax import SPLIT_PAYMENT, Tax, TaxAmount

_LONG = 1_200
"""Characters of a description from which its row may break over pages; a shorter one moves to the next page whole."""
_PROCESSING = "BAR"
"""The subject of notes for machines (UNTDID 4451), such as the French `B2B`."""
_DASH = "\u2013"
_ONE = frozenset({"C62", "LS"})
"""Units in which a quantity of one adds no information: a piece and a lump sum."""
_TAXED = frozenset({"S", "Z", "L", "M", SPLIT_PAYMENT})


def letter(invoice: Invoice) -> dict[str, Any]:
    """The document as it is printed."""
    words, number = Wording.of(invoice.language), invoice.number
    name = document_name(invoice, words)
    taxed = any(tax.category in _TAXED for tax in invoice.tax_breakdown)
    packages = packages_of(invoice.lines)
    return {
        "title": name if number is None else f"{name} {number}",
        "subtitle": invoice.title,
        "watermark": words.label("draft") if invoice.status is Status.DRAFT else None,
        **letterhead(invoice.seller, invoice.customer, words, invoice.form),
        "facts": [list(fact) for fact in _facts(invoice, words)],
        "details": [[attribute.name, attribute.value] for attribute in invoice.custom_attributes],
        "introduction": invoice.introduction,
        "columns": [
            words.label(name)
            for name in (
                "position",
                "description",
                "quantity",
                "unit_price_inclusive" if invoice.price_tax_inclusive else "unit_price",
                "tax",
                "amount_inclusive" if invoice.price_tax_inclusive else "amount",
            )
        ],
        "hidden": hidden_columns(invoice),
        "lines": [row for package in packages for row in _rows(package, invoice, words)],
        "carried": list(_carried(packages, invoice, words)),
        "totals": [list(row) for row in _totals(invoice, words)],
        "total": [words.label("total" if taxed else "total_untaxed"), words.money(invoice.total, invoice.currency)],
        "declared": [list(row) for row in _declared(invoice, words)],
        "settlement": [list(row) for row in settlement_rows(invoice, words)],
        "remarks": list(_remarks(invoice, words)),
        "payment": payment_of(invoice, words),
        "closing": closing_of(invoice.closing, invoice.seller, invoice.form),
    }


def _period(period: Period, words: Wording) -> str:
    if period.start and period.end:
        return f" {_DASH} ".join(dict.fromkeys(words.date(day) for day in (period.start, period.end)))
    if period.start:
        return words.label("from_day", date=words.date(period.start))
    return words.label("until_day", date=words.date(period.end)) if period.end else ""


def _facts(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The block beside the address, with the facts for bookkeepers."""
    seller, customer = invoice.seller, invoice.customer
    if invoice.number:
        yield words.label(f"number_{invoice.type}"), invoice.number
    yield from _dates(invoice, words)
    for label, value in (
        ("customer_tax_id", customer and customer.tax_id),
        ("customer_tax_number", customer and customer.supplier and customer.supplier.tax_number),
        ("customer_legal_id", customer and customer.legal_id),
        ("order", invoice.purchase_order_id),
        ("sales_order", invoice.sales_order_id),
        ("contract", invoice.contract_reference),
        ("project", invoice.project_reference),
        ("tender", invoice.tender_reference),
        ("object", invoice.object_id),
        ("despatch", invoice.despatch_reference),
        ("receiving", invoice.receiving_reference),
        ("buyer_reference", invoice.buyer_reference or (customer and customer.leitweg_id)),
        ("accounting_reference", invoice.accounting_reference),
    ):
        if value:
            yield words.label(label), value
    yield from _party_ids(invoice, words)
    for reference in invoice.references:
        issued, number = reference.issue_date, reference.number
        shown = words.label("reference_of", number=number, date=words.date(issued)) if issued else number
        yield words.label("reference"), shown
    for one in invoice.supporting_documents:
        details = (one.reference, _named("document", one.description, words), one.url)
        yield words.label("supporting_document"), ", ".join(text for text in details if text)
    for file in invoice.attachments:
        described = (file.reference, file.name, _named("document", file.description, words), file.url)
        yield words.label("supporting_document"), ", ".join(text for text in described if text)
    yield from _tax_numbers(invoice, words)
    if invoice.ship_to:
        home = seller.address.country if seller else None
        address = invoice.ship_to.address
        place = identified(invoice.ship_to.location_id, invoice.ship_to.location_id_scheme)
        named = filter(None, (invoice.ship_to.name, place))
        yield words.label("deliver_to"), ", ".join([*named, *address_lines(address, home, words)])


def _named(what: str, text: str | None, words: Wording) -> str | None:
    """A text, or the words for it if it is one of the codes that the French rules require in its place."""
    return words.texts.labels.get(f"{what}_{text}", text)


def _party_ids(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The identifiers of the parties, such as a GLN or the number of a supplier (BT-29, BT-46)."""
    seller, customer = invoice.seller, invoice.customer
    theirs = [] if customer is None or customer.party_id is None else [customer.party_id]
    theirs += customer.supplier.party_ids if customer and customer.supplier else ()
    for label, ids in (("seller_id", seller.party_ids if seller else ()), ("customer_id", theirs)):
        for one in ids:
            yield words.label(label), identified(one.id, one.scheme)


def _tax_numbers(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The tax numbers of a company that the foot of the page leaves out (article 226 (3), Directive 2006/112/EC)."""
    if invoice.form and not invoice.form.show_company:
        for label in ("vat_id", "tax_number"):
            if number := getattr(invoice.seller, label, None):
                yield words.label(label), number


def _dates(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The dates of the document: issue, payment, tax and supply."""
    day, period = supplied(invoice)
    if invoice.issue_date:
        yield words.label("issue_date"), words.date(invoice.issue_date)
    if invoice.due_date:
        yield words.label("due_date"), words.date(invoice.due_date)
    if invoice.tax_point_date:
        yield words.label("tax_point_date"), words.date(invoice.tax_point_date)
    if day:
        on_issue = invoice.issue_date == day
        yield words.label("service_date"), words.label("is_issue_date") if on_issue else words.date(day)
    if period:
        yield words.label("service_period"), _period(period, words)


def hidden_columns(invoice: Invoice) -> list[str]:
    """The columns that the document's form hides and without which the lines are complete.

    Article 226 (6), (8) and (9) of Directive 2006/112/EC require quantity, unit price and rate.
    """
    form, lines = invoice.form, invoice.lines
    if form is None:
        return []
    needed = {
        "quantity": any(line.quantity != 1 or line.unit not in _ONE for line in lines),
        "unit_price": any(line.unit_price != _amount(line, invoice) for line in lines),
        "tax": len({line.tax.key for line in lines}) > 1,
    }
    return [name for name in get_args(Column) if name not in form.columns and not needed.get(name)]


def _rows(package: Package, invoice: Invoice, words: Wording) -> Iterator[dict[str, Any]]:
    """The lines of a package, the first one below the package's name and the last one above its subtotal."""
    last = len(package.lines) - 1
    for place, (position, line) in enumerate(package.lines):
        yield {
            **_line(position, line, invoice, words),
            "package": package.name if place == 0 else None,
            "subtotal": _subtotal(package, invoice, words) if place == last else None,
        }


def _subtotal(package: Package, invoice: Invoice, words: Wording) -> list[str] | None:
    if package.name is None:
        return None
    amounts = [_amount(line, invoice) for _, line in package.lines]
    return [words.label("package_subtotal", package=package.name), words.amount(sum(amounts[1:], amounts[0]))]


def _line(place: int, line: Line, invoice: Invoice, words: Wording) -> dict[str, Any]:
    digits = exponent(invoice.currency)
    base, description = line.price_base_quantity, "\n".join(text for text in (line.description, line.note) if text)
    notes = [*_item_facts(line, words), *line_notes(line, invoice.currency, digits, words)]
    if line.serial_number:
        notes.append(words.label("serial", number=line.serial_number))
    if line.period:
        notes.append(_period(line.period, words))
    return {
        "position": str(place),
        "name": line.name,
        "description": description,
        "notes": " · ".join(notes),
        "quantity": words.quantity(line.quantity),
        "unit": _unit(line.unit, invoice, words),
        "price": words.price(line.unit_price, digits),
        "per": "" if base == 1 else words.label("per", quantity=words.quantity(base)),
        "tax": _rate(line.tax, words),
        "amount": words.amount(_amount(line, invoice)),
        "long": len(description) + 60 * description.count("\n") > _LONG,
    }


def _unit(code: str, invoice: Invoice, words: Wording) -> str:
    """The name of a unit: that of the company in the language of the document, else the usual one."""
    names = invoice.seller.units.get(code, {}) if invoice.seller else {}
    return names.get(invoice.language) or names.get(invoice.language[:2]) or words.unit(code)


def _item_facts(line: Line, words: Wording) -> Iterator[str]:
    """The identifiers and properties of an article."""
    for label, value in (
        ("item", line.item_id),
        ("buyer_item", line.buyer_item_id),
        ("standard_item", line.standard_item_id),
        ("line_object", line.object_id),
        ("order_line", line.order_line),
        ("origin", line.origin_country and words.country(line.origin_country)),
    ):
        if value:
            yield words.label(label, value=value)
    for one in line.classifications:
        scheme = f"{one.scheme} {one.version}" if one.version else one.scheme
        yield words.label("classification", value=f"{one.id} ({scheme})")
    yield from (f"{one.name}: {one.value}" for one in line.attributes)


def _amount(line: Line, invoice: Invoice) -> Decimal:
    return line.total if invoice.price_tax_inclusive else line.net


def _carried(packages: Iterable[Package], invoice: Invoice, words: Wording) -> Iterator[str]:
    """The running totals after each line, which pages show where they begin or end."""
    so_far = Decimal(0)
    for _, line in (one for package in packages for one in package.lines):
        so_far += _amount(line, invoice)
        yield words.money(so_far, invoice.currency)


def _rate(tax: Tax | TaxAmount, words: Wording) -> str:
    return _DASH if tax.category == "O" else words.percent(tax.rate)


def _totals(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows above the total, in the document's price mode; they add up to it."""
    yield from entry_rows(invoice, words)
    if not invoice.price_tax_inclusive:
        yield from _taxes(invoice, "tax_of", words)


def _taxes(invoice: Invoice, label: str, words: Wording) -> Iterator[tuple[str, str]]:
    for tax in invoice.tax_breakdown:
        if tax.category in _TAXED or tax.tax:
            taxable = words.money(tax.taxable, invoice.currency)
            text = words.label(label, rate=_rate(tax, words), taxable=taxable)
            yield text, words.money(tax.tax, invoice.currency)


def _declared(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows below the total: the tax that it includes, and the tax in the currency it is declared in.

    The second is required for another currency (article 230 of Directive 2006/112/EC).
    """
    if invoice.price_tax_inclusive:
        yield from _taxes(invoice, "included_tax_of", words)
    currency, rate = tax_currency(invoice), invoice.exchange_rate
    if currency is None or rate is None:
        return
    label = words.label("tax_in", currency=currency, of=invoice.currency, rate=words.quantity(rate))
    yield label, words.money(converted(invoice.tax, rate, currency), currency)


def _remarks(invoice: Invoice, words: Wording) -> Iterator[str]:
    """The remarks below the totals: the reason for untaxed amounts, its deposits, and the document's own note."""
    for tax in invoice.tax_breakdown:
        reason = exemption_reason(invoice, tax, words.texts)
        if reason:
            taxable = words.money(tax.taxable, invoice.currency)
            yield words.label("untaxed_of", reason=reason, taxable=taxable)
    if invoice.tax_point_code:
        # Article 226 (7a) of Directive 2006/112/EC requires it of companies with cash accounting.
        yield words.label(f"tax_point_{invoice.tax_point_code}")
    if invoice.split_tax is not None:
        yield words.label("split_payment")
    yield from deposit_sentences(invoice, words)
    seller = with_roles(invoice).seller
    if seller and seller.tax_representative:
        # Article 226 (15) of Directive 2006/112/EC.
        one = seller.tax_representative
        shown = [one.name, *address_lines(one.address, seller.address.country, words), one.vat_id]
        yield words.label("tax_representative", representative=", ".join(shown))
    supplier = invoice.customer and invoice.customer.supplier
    if supplier and supplier.legal_information:
        yield words.label("supplier_legal", text=in_one_line(supplier.legal_information))
    if invoice.note:
        yield invoice.note
    yield from (_named("note", one.text, words) or "" for one in invoice.notes if one.subject_code != _PROCESSING)
