"""The rows of a document's sums: packages of lines, allowances and charges, and from the total to the amount due."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.model import values_of
from invoicing.documents.deposit_words import deposit_rows
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.model import Invoice
from invoicing.pricing.allowances import FREIGHT_CODE, Discount, DocumentCharge, LineEntry
from invoicing.pricing.line import Line
from invoicing.pricing.payable import owed_total

_SETTLED = ("paid", "cash_discount_taken", "credited", "written_off")


class Package(NamedTuple):
    """Lines that are printed together, each with its position in the document; a line without a package is alone."""

    name: str | None
    lines: list[tuple[int, Line]]


def packages_of(lines: Sequence[Line]) -> list[Package]:
    """The packages of a document, each at the place of its first line.

    Lines keep their positions, because the e-invoice and the customer refer to lines by them.
    """
    found: dict[str | int, Package] = {}
    for position, line in enumerate(lines, 1):
        package = found.setdefault(line.package_name or position, Package(line.package_name, []))
        package.lines.append((position, line))
    return list(found.values())


def entry_rows(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The subtotal, and each allowance and charge in the document's price mode; they add up to its sums.

    If shares were rounded, the last one of its kind gets the difference.
    """
    net, currency = not invoice.price_tax_inclusive, invoice.currency
    subtotal, off, on = sums_of(invoice)
    yield words.label("subtotal" if net else "subtotal_inclusive"), words.money(subtotal, currency)
    allowances, charges = _allowances(invoice), invoice.charges
    for name, amount in _named([_allowance_name(one, invoice, words) for one in allowances], allowances, off):
        yield name or words.label("discount"), words.money(amount.copy_negate(), currency)
    for name, amount in _named([_charge_name(one, currency, words) for one in charges], charges, on):
        yield name or words.label("shipping"), words.money(amount, currency)


def sums_of(invoice: Invoice) -> tuple[Decimal, Decimal, Decimal]:
    """The sum of the lines, of the allowances and of the charges, each in the document's price mode."""
    if not invoice.price_tax_inclusive:
        return invoice.subtotal, invoice.discount_amount, invoice.shipping_cost
    total = invoice.total
    nothing = total - total
    lines = sum((line.total for line in invoice.lines), nothing)
    shipping = (invoice.shipping,) if invoice.shipping else ()
    on = sum((one.amount or nothing for one in invoice.charges or shipping), nothing)
    return lines, lines + on - total, on


def settlement_rows(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows from the total to the amount due, if something was prepaid, rounded or settled already."""
    currency = invoice.currency
    split_tax = invoice.split_tax
    split = [(words.label("split_tax"), words.money(-split_tax, currency))] if split_tax else []
    if split_tax and invoice.type != "invoice":
        yield from split
        yield words.label("split_rest"), words.money(owed_total(invoice), currency)
    rows = [*deposit_rows(invoice, words), *_prepaid(invoice, words), *split]
    if invoice.rounding:
        rows.append((words.label("rounding"), words.money(invoice.rounding, currency)))
    settled = values_of(invoice, _SETTLED)
    rows += [(words.label(name), words.money(-amount, currency)) for name, amount in settled.items() if amount]
    if not rows or invoice.type != "invoice":
        return
    yield from rows
    name, amount = ("refund_due", invoice.refund_due) if invoice.refund_due else ("due", invoice.due)
    yield words.label(name), words.money(amount, currency)


def line_notes(line: Line, currency: str, digits: int, words: Wording) -> Iterator[str]:
    """The notes of a line about its gross price, allowances and charges."""
    if line.gross_price is not None:
        price, off = words.price(line.gross_price, digits), line.price_discount
        less = words.label("price_discount", amount=words.price(off, digits)) if off else ""
        yield words.label("gross_price", price=price) + less
    for one in _allowances(line):
        yield words.label("line_discount", what=entry_text(one, line.discount, currency, words))
    for one in line.charges:
        yield words.label("line_charge", what=entry_text(one, None, currency, words))


def entry_text(entry: Discount | LineEntry, discount: Discount | None, currency: str, words: Wording) -> str:
    """A percentage or an amount, with its reason. The amount follows a percentage of a base."""
    base = _base(entry, discount)
    share = _share(entry, currency, words, base)
    amount = words.money(_amount(entry), currency) if not share or base is not None else ""
    what = " = ".join(one for one in (share, amount) if one)
    return f"{what} ({entry.reason})" if entry.reason else what


def _base(entry: Discount | LineEntry, discount: Discount | None) -> Decimal | None:
    """The base of an entry. A discount is of the sum that is printed with it, so its base is not printed."""
    if isinstance(entry, Discount) or _is(entry, discount):
        return None
    return entry.base


def _is(entry: Discount | LineEntry, discount: Discount | None) -> bool:
    """Whether an entry is the discount of the line or document."""
    return discount is not None and (entry.percent, entry.reason) == (discount.percent, discount.reason)


def _share(entry: Discount | LineEntry, currency: str, words: Wording, base: Decimal | None = None) -> str:
    """The percentage of an entry, with its base."""
    if entry.percent is None:
        return ""
    percent = words.percent(entry.percent)
    return percent if base is None else words.label("share_of", percent=percent, base=words.money(base, currency))


def _allowances(thing: Invoice | Line) -> Sequence[Discount | LineEntry]:
    """The allowances; only the discount if the document does not list its entries."""
    return thing.allowances or ((thing.discount,) if thing.discount else ())


def _named(
    names: Sequence[str], entries: Sequence[Discount | LineEntry], whole: Decimal
) -> Iterator[tuple[str | None, Decimal]]:
    """The name and the amount of each entry. They add up to the whole, which is the only row if no entry has a name."""
    if not entries:
        if whole:
            yield None, whole
        return
    amounts = [_amount(one) for one in entries]
    amounts[-1] += whole - sum(amounts)
    yield from zip(names, amounts, strict=True)


def _amount(entry: Discount | LineEntry) -> Decimal:
    return Decimal(0) if entry.amount is None else entry.amount


def _allowance_name(entry: Discount | LineEntry, invoice: Invoice, words: Wording) -> str:
    label, reason, discount = words.label("discount"), entry.reason, invoice.discount
    share = f" {_share(entry, invoice.currency, words, _base(entry, discount))}".rstrip()
    if _is(entry, discount):
        return f"{label}{share} ({reason})" if reason and share else f"{label}{share}"
    return f"{reason or label}{share}"


def _charge_name(entry: DocumentCharge, currency: str, words: Wording) -> str:
    usual = words.label("shipping" if entry.reason_code == FREIGHT_CODE else "charge")
    return f"{entry.reason or usual} {_share(entry, currency, words, entry.base)}".rstrip()


def _prepaid(invoice: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    prepaid = invoice.prepaid
    if not prepaid or invoice.type != "invoice":
        return
    # A deposit with its taxes has a row of its own.
    amount = prepaid.amount - sum((one.total or Decimal(0) for one in prepaid.deposits), Decimal(0))
    if not amount:
        return
    paid_on = words.label("on_date", date=words.date(prepaid.date)) if prepaid.date else ""
    numbers = ", ".join(one.number for one in prepaid.references if not one.tax_breakdown)
    name = "prepaid" if amount > 0 else "earlier_debt"
    label = words.label(name) + paid_on + (f" ({numbers})" if numbers else "")
    yield label, words.money(-amount, invoice.currency)
