"""Credit notes and cancellations: separate documents, with positive amounts, that reduce an invoice."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.core.currency import from_minor, to_minor
from invoicing.core.errors import DateNotAllowed
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id, twin
from invoicing.core.model import values_of
from invoicing.core.stored_file import files_of
from invoicing.documents.texts.model import texts_of
from invoicing.invoices.drafts.fields import SETTLEMENT
from invoicing.invoices.drafts.references import DocumentReference
from invoicing.invoices.lifecycle import Action, DocumentType, Status, require
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import CancelInvoice
from invoicing.issuing.einvoice import required_notes
from invoicing.issuing.finalizing import designed
from invoicing.issuing.printing import require_printable_additions, require_printable_texts
from invoicing.pricing.allowances import Discount, DocumentAllowance, DocumentCharge, Shipping
from invoicing.pricing.errors import DiscountExceedsAmount
from invoicing.pricing.line import Line, LineContent
from invoicing.pricing.payable import is_fully_credited, owed_total, split_tax_of
from invoicing.pricing.prices import entries_listed
from invoicing.pricing.totals import Group, Totals, line_amount, summed
from invoicing.settlement.balance import balanced, settling, share_of_cash_discount
from invoicing.settlement.credit import (
    Credit,
    CreditData,
    Credited,
    CreditedLine,
    CreditedRate,
    CreditShare,
    Rate,
    all_left,
    by_amount,
    by_lines,
    rates_of,
    shares_of,
    shipping_of,
)
from invoicing.settlement.deposits import released_by, require_not_deducted
from invoicing.settlement.errors import CreditExceedsInvoice, NothingToCancel, NothingToCredit
from invoicing.settlement.line_ids import distinct, require_unambiguous

_OF_THE_INVOICE = (
    "language", "customer_id", "customer_name", "owner_id", "currency", "order_id", "purchase_order_id", "customer",
    "ship_to", "price_tax_inclusive", "service_period", "delivery_date", "contract_reference", "buyer_reference",
    "tax_currency", "exchange_rate", "seller", "einvoice_format", "project_reference", "tender_reference",
    "object_id", "object_scheme", "sales_order_id", "despatch_reference", "receiving_reference",
    "accounting_reference", "business_process", "tax_point_code",
)  # fmt: skip
"""The fields that such a document copies from its invoice, such as the parties."""
_PLAIN: dict[str, Any] = {"discount": None, "allowances": (), "charges": (), "net_given": False}
"""The fields of a line without allowances and charges, whose net follows from its price."""
_OWN_PRICE: dict[str, Any] = {"gross_price": None, "price_discount": None}
"""A price that was computed for the credit has no gross price beside it."""


class IssuedCredit(NamedTuple):
    """A credit note or cancellation, the invoice after it, and the credited part."""

    document: Invoice
    invoice: Invoice
    credited: Credited


def credit_note(
    invoice: Invoice, so_far: Sequence[Credited], data: CreditData, number: str, *, day: date, moment: Moment
) -> IssuedCredit:
    """A credit note over lines, over a gross amount, or over the rest of an invoice."""
    require(invoice, Action.CREDIT)
    require_not_deducted(invoice)
    require_printable_texts({"/introduction": data.introduction, "/closing": data.closing})
    require_printable_additions(data.notes, data.supporting_documents)
    if invoice.issue_date is not None and day < invoice.issue_date:
        raise DateNotAllowed("The credit note would be older than its invoice.", pointer="/issue_date")
    issued, so_far = distinct(invoice, so_far)
    rates = rates_of(issued, so_far)
    inclusive = invoice.price_tax_inclusive
    shares: Mapping[str, CreditShare] | None = None
    if data.amount is not None:
        parts = by_amount(rates, to_minor(data.amount, invoice.currency, pointer="/amount"), inclusive=inclusive)
    elif data.lines is not None:
        require_unambiguous(invoice, data.lines)
        shares = shares_of(issued, rates, data.lines)
        parts = by_lines(rates, shares, shipping_of(invoice, rates, data.lines), inclusive=inclusive)
    else:
        parts, shares = _rest(issued, so_far)
    if _is_too_much(invoice, rates, parts):
        raise CreditExceedsInvoice(pointer="" if data.lines is None else "/lines")
    if sum(part.gross for part in parts) <= 0:
        raise NothingToCredit(pointer="" if data.lines is None else "/lines")
    stated = values_of(data, ("introduction", "closing", "supporting_documents")) | {"credit_reason": data.reason}
    stated |= {"number": number, "issue_date": day, "notes": required_notes(invoice, data.notes)}
    document = _document("credit_note", issued, parts, shares, stated, moment)
    credited = _credited(invoice, document, parts, shares, moment.at)
    after = _less(invoice, document, credited, {"credit_note_ids": (*invoice.credit_note_ids, document.id)}, moment)
    return IssuedCredit(settling(document, invoice, after, credited, so_far), after, credited)


def cancellation(
    invoice: Invoice,
    so_far: Sequence[Credited],
    number: str,
    *,
    data: CancelInvoice | None = None,
    day: date,
    moment: Moment,
) -> IssuedCredit:
    """The cancellation of an invoice: it credits the rest. Payments have to be refunded."""
    data = data or CancelInvoice()
    require(invoice, Action.CANCEL)
    require_not_deducted(invoice)
    require_printable_additions(data.notes, data.supporting_documents)
    issued, so_far = distinct(invoice, so_far)
    parts, shares = _rest(issued, so_far)
    # After a credit was voided, a cent of a split payment's tax can be left when nothing is owed any more.
    if is_fully_credited(invoice) and not sum(part.gross for part in parts):
        raise NothingToCancel
    stated = {"number": number, "issue_date": day, "supporting_documents": data.supporting_documents}
    stated |= {"notes": required_notes(invoice, data.notes)}
    document = _document("cancellation", issued, parts, shares, stated, moment)
    credited = _credited(invoice, document, parts, shares, moment.at)
    facts = {
        "status": Status.CANCELED,
        "canceled_at": moment.at,
        "cancellation_id": document.id,
        "canceled_amount": owed_total(document),
        "deposits_released": released_by(invoice),
    }
    after = _less(invoice, document, credited, facts, moment)
    return IssuedCredit(settling(document, invoice, after, credited, so_far), after, credited)


def _is_too_much(invoice: Invoice, rates: Sequence[Rate], parts: Sequence[Credit]) -> bool:
    """Whether a credit is more than is left, of the total or of the part that the customer owes."""
    left, of_total = _units(invoice, owed_total(invoice) - invoice.credited), sum(rate.left for rate in rates)
    if not (left or of_total):
        return True
    return sum(part.owed for part in parts) > left or sum(part.gross for part in parts) > of_total


def _rest(invoice: Invoice, so_far: Sequence[Credited]) -> tuple[list[Credit], dict[str, CreditShare]]:
    """The rest of the invoice, with the amount and quantity left of each line."""
    rates = rates_of(invoice, so_far)
    parts = all_left(rates)
    lines = {line.id: line for line in invoice.lines}
    shares = {
        id_: CreditShare(amount, abs(lines[id_].quantity) - part.rate.quantity[id_] or None)
        for part in parts
        for id_, amount in zip(part.rate.credited, part.lines, strict=True)
    }
    # A line of zero has no rest, but the first document that credits everything has all lines.
    return parts, {id_: share for id_, share in shares.items() if share.amount or share.quantity or not so_far}


def _document(
    kind: DocumentType,
    invoice: Invoice,
    parts: Sequence[Credit],
    shares: Mapping[str, CreditShare] | None,
    stated: Mapping[str, Any],
    moment: Moment,
) -> Invoice:
    """The document with its number, date and texts as `stated`, and everything else as on the invoice."""
    lines, sums = _lines(invoice, parts, shares, moment.at)
    id_ = new_id("inv", moment.at)
    carried = values_of(invoice, _OF_THE_INVOICE)
    carried |= dict.fromkeys(SETTLEMENT, from_minor(0, invoice.currency))
    document = Invoice(
        **carried,
        **stated,
        id=id_,
        type=kind,
        type_code="261" if invoice.type_code == "389" else None,
        series=kind,
        status=Status.OPEN,
        references=(
            DocumentReference(invoice_id=invoice.id, number=invoice.number or "", issue_date=invoice.issue_date),
        ),
        lines=lines,
        **({} if shares is None else _entries(invoice, parts)),
        subtotal=sums.subtotal,
        discount_amount=sums.discount_amount,
        shipping_cost=sums.shipping_cost,
        tax=sums.tax,
        tax_breakdown=sums.tax_breakdown,
        total=sums.total,
        files=files_of(id_, invoice.einvoice_format),
        finalized_at=moment.at,
        **moment.created,
    )
    document = document.model_copy(update=designed(document, invoice.form))
    if (split_tax := split_tax_of(sums.tax_breakdown, invoice.currency)) is not None:
        document = document.model_copy(update={"split_tax": split_tax, "prepaid_amount": split_tax})
    return balanced(document, credited=owed_total(document))


def _entries(invoice: Invoice, parts: Sequence[Credit]) -> dict[str, Any]:
    """The part of the invoice's allowances and charges that is credited with its lines.

    If everything is credited at once, they are listed as on the invoice; otherwise by the credited part of each rate.
    """
    if not (invoice.allowances or invoice.charges):
        return _shorthands(invoice, sum(part.discount for part in parts), sum(part.shipping for part in parts))
    groups = [part.rate.group for part in parts]
    all_of_it = [(part.discount, part.shipping) == (group.discount, group.shipping)
                 for part, group in zip(parts, groups, strict=True)]  # fmt: skip
    if all(all_of_it) and len(parts) == len(invoice.tax_breakdown):
        listed = entries_listed(invoice.lines, invoice, invoice.currency)
        return {"allowances": listed["allowances"], "charges": listed["charges"]}
    return {
        "allowances": tuple(
            DocumentAllowance(amount=_money(invoice, part.discount), tax=part.rate.group.tax)
            for part in parts
            if part.discount
        ),
        "charges": tuple(
            DocumentCharge(amount=_money(invoice, part.shipping), tax=part.rate.group.tax)
            for part in parts
            if part.shipping
        ),
    }


def _shorthands(invoice: Invoice, discount: int, shipping: int) -> dict[str, Any]:
    """The part of an invoice's discount and shipping that is credited."""
    reason = invoice.discount.reason if invoice.discount else None
    found: dict[str, Any] = {}
    if discount:
        found["discount"] = Discount(amount=_money(invoice, discount), reason=reason)
    if shipping and invoice.shipping:
        found["shipping"] = Shipping(amount=_money(invoice, shipping), tax=invoice.shipping.tax)
    return found


def _lines(
    invoice: Invoice, parts: Sequence[Credit], shares: Mapping[str, CreditShare] | None, at: datetime
) -> tuple[tuple[Line, ...], Totals]:
    """The lines as printed: those of the invoice that are credited, or one for each rate of a gross amount."""
    lines: list[dict[str, Any]] = []
    groups = [Group(part.rate.group.tax) for part in parts]
    if shares is None:
        name = texts_of(invoice.language).label("credit_on", number=invoice.number or "")
        for part, group in zip(parts, groups, strict=True):
            group.places.append(len(lines))
            group.amounts.append(part.base)
            plain = LineContent(name=name, unit_price=Decimal(0), tax=group.tax)
            price = _flat(part.base, invoice)
            lines.append({**dict(plain), "id": new_id("lin", at), **price})
    else:
        homes = {id_: place for place, part in enumerate(parts) for id_ in part.rate.credited}
        for line in (line for line in invoice.lines if line.id in shares):
            group, share = groups[homes[line.id]], shares[line.id]
            group.places.append(len(lines))
            group.amounts.append(share.amount)
            lines.append({**dict(line), **_priced(line, share, invoice)})
        for part, group in zip(parts, groups, strict=True):
            group.allowances, group.charges = [part.discount], [part.shipping]
    for part, group in zip(parts, groups, strict=True):
        group.calculate(inclusive=invoice.price_tax_inclusive)
        group.settle_on(part.net, part.tax)
    sums = summed(groups, len(lines), invoice.currency)
    found = (Line(**{**line, **amounts._asdict()}) for line, amounts in zip(lines, sums.lines, strict=True))
    return tuple(found), sums


def _priced(line: Line, share: CreditShare, invoice: Invoice) -> dict[str, Any]:
    """The price of a credited line: its own one if that gives the amount, else the amount itself.

    Only a line that had a discount shows one, and only its share of it. Its other allowances and charges are shown if
    they are percentages or if the whole line is credited.
    """
    quantity = (share.quantity or Decimal(0)).copy_sign(line.quantity)
    if quantity == line.quantity and share.amount == line_amount(line, invoice.currency):
        return {}
    if share.quantity is None:
        return _flat(share.amount, invoice)
    part = line.model_copy(update={"quantity": quantity, "net_given": False})
    if (line.allowances or line.charges) and _comes_to(part, share.amount, invoice.currency):
        return {"quantity": quantity, "net_given": False}
    found = {"quantity": quantity, **_PLAIN}
    plain = part.model_copy(update=found)
    off = abs(line_amount(plain, invoice.currency)) - abs(share.amount)
    if off == 0:
        return found
    discount = _share_of_discount(line, off, share.quantity, invoice)
    if discount and line_amount(plain.model_copy(update={"discount": discount}), invoice.currency) == share.amount:
        return {**found, "discount": discount}
    price = {"unit_price": _money(invoice, abs(share.amount)), "price_base_quantity": share.quantity}
    return {**found, **price, **_OWN_PRICE}


def _comes_to(line: Line, amount: int, currency: str) -> bool:
    """Whether a line gives an amount. Allowances with an amount may exceed a part of the line."""
    try:
        return line_amount(line, currency) == amount
    except DiscountExceedsAmount:
        return False


def _share_of_discount(line: Line, off: int, quantity: Decimal, invoice: Invoice) -> Discount | None:
    """The discount of a part of a line; None if it does not match the rest exactly."""
    if line.discount is None or line.allowances or line.charges or off <= 0:
        return None
    full = line.model_copy(update=_PLAIN)
    whole = abs(line_amount(full, invoice.currency)) - abs(line_amount(line, invoice.currency))
    if abs(off - whole * quantity / abs(line.quantity)) > 1:  # a minor unit of rounding
        return None
    if line.discount.percent is not None:
        part = full.model_copy(update={"quantity": quantity.copy_sign(line.quantity), "discount": line.discount})
        plain = part.model_copy(update={"discount": None})
        if abs(line_amount(plain, invoice.currency)) - abs(line_amount(part, invoice.currency)) == off:
            return line.discount
    return Discount(amount=_money(invoice, off), reason=line.discount.reason)


def _flat(amount: int, invoice: Invoice) -> dict[str, Any]:
    """The price of an amount without a quantity."""
    return {
        "quantity": Decimal(1 if amount >= 0 else -1),
        "unit": "C62",
        "unit_price": _money(invoice, abs(amount)),
        "price_base_quantity": Decimal(1),
        **_PLAIN,
        **_OWN_PRICE,
    }


def _credited(
    invoice: Invoice, document: Invoice, parts: Sequence[Credit], shares: Mapping[str, CreditShare] | None, at: datetime
) -> Credited:
    quantities = {id_: share.quantity for id_, share in (shares or {}).items() if share.quantity}
    return Credited(
        id=twin("crd", document.id),
        invoice_id=invoice.id,
        credit_note_id=document.id,
        lines=tuple(
            CreditedLine(
                id=id_,
                amount=_money(invoice, amount),
                quantity=quantities.get(id_, Decimal(0)),
                by_quantity=_money(invoice, amount if id_ in quantities else 0),
            )
            for part in parts
            for id_, amount in zip(part.rate.credited, part.lines, strict=True)
            if amount or id_ in quantities
        ),
        rates=tuple(
            CreditedRate(
                category=part.rate.group.tax.category,
                rate=part.rate.group.tax.key[1],
                discount=_money(invoice, part.discount),
                shipping=_money(invoice, part.shipping),
                net=_money(invoice, part.net),
                tax=_money(invoice, part.tax),
            )
            for part in parts
        ),
        cash_discount=share_of_cash_discount(invoice, owed_total(document)),
        number=document.number,
        issue_date=document.issue_date,
        total=document.total,
        created_at=at,
        updated_at=at,
    )


def _less(invoice: Invoice, document: Invoice, credited: Credited, facts: Mapping[str, Any], moment: Moment) -> Invoice:
    """The invoice after this credit."""
    return balanced(
        invoice,
        **facts,
        credited=invoice.credited + owed_total(document),
        cash_discount_taken=invoice.cash_discount_taken - credited.cash_discount,
        **moment.updated,
    )


def _money(invoice: Invoice, units: int) -> Decimal:
    return from_minor(units, invoice.currency)


def _units(invoice: Invoice, amount: Decimal) -> int:
    return to_minor(amount, invoice.currency, pointer="")
