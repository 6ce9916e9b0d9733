"""The rows of a document's sums: allowances and charges by name, and the way from the total to the amount due."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from invoicing.documents.deposit_words import deposit_rows
from invoicing.documents.texts.wording import Wording
from invoicing.pricing.allowances import FREIGHT_CODE

type Json = Mapping[str, Any]
_SETTLED = ("paid", "cash_discount_taken", "credited", "written_off")


def is_nothing(amount: str | None) -> bool:
    """Whether an amount is missing, or zero in any currency."""
    return not (amount or "").strip("-0.")


def entry_rows(invoice: Json, words: Wording) -> Iterator[tuple[str, str]]:
    """The subtotal, and each allowance and charge in the document's price mode; they add up to its sums.

    If shares were rounded, the last one of its kind gets the difference.
    """
    net, currency = not invoice["price_tax_inclusive"], invoice["currency"]
    subtotal, off, on = sums_of(invoice)
    yield words.label("subtotal" if net else "subtotal_inclusive"), words.money(subtotal, currency)
    discount, allowances, charges = invoice["discount"], _allowances(invoice), invoice.get("charges") or []
    for name, amount in _named([_allowance_name(one, discount, words) for one in allowances], allowances, off):
        yield name or words.label("discount"), words.money(f"-{amount}", currency)
    for name, amount in _named([_charge_name(one, words) for one in charges], charges, on):
        yield name or words.label("shipping"), words.money(amount, currency)


def sums_of(invoice: Json) -> tuple[str, str, str]:
    """The sum of the lines, of the allowances and of the charges, each in the document's price mode."""
    if not invoice["price_tax_inclusive"]:
        return invoice["subtotal"], invoice["discount_amount"], invoice["shipping_cost"]
    total = Decimal(invoice["total"])
    nothing = total - total
    lines = sum((Decimal(line["total"]) for line in invoice["lines"]), nothing)
    shipping = [invoice["shipping"]] if invoice["shipping"] else []
    on = sum((Decimal(one["amount"] or 0) for one in invoice.get("charges") or shipping), nothing)
    return str(lines), str(lines + on - total), str(on)


def settlement_rows(invoice: Json, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows from the total to the amount due, if something was prepaid, rounded or settled already."""
    currency = invoice["currency"]
    rows = [*deposit_rows(invoice, words), *_prepaid(invoice, words)]
    if not is_nothing(invoice.get("rounding")):
        rows.append((words.label("rounding"), words.money(invoice["rounding"], currency)))
    rows += [(words.label(field), words.money(f"-{invoice[field]}", currency)) for field in _SETTLED
             if not is_nothing(invoice[field])]  # fmt: skip
    if not rows or invoice["type"] != "invoice":
        return
    yield from rows
    last = "due" if is_nothing(invoice["refund_due"]) else "refund_due"
    yield words.label(last), words.money(invoice[last], currency)


def line_notes(line: Json, currency: str, digits: int, words: Wording) -> Iterator[str]:
    """The notes of a line about its gross price, allowances and charges."""
    if line.get("gross_price"):
        price, off = words.price(line["gross_price"], digits), line.get("price_discount")
        less = words.label("price_discount", amount=words.price(off, digits)) if off and not is_nothing(off) else ""
        yield words.label("gross_price", price=price) + less
    for one in _allowances(line):
        yield words.label("line_discount", what=entry_text(one, currency, words))
    for one in line.get("charges") or ():
        yield words.label("line_charge", what=entry_text(one, currency, words))


def entry_text(entry: Json, currency: str, words: Wording) -> str:
    """A percentage or an amount, with its reason."""
    percent: str | None = entry.get("percent")
    what = words.percent(percent) if percent is not None else words.money(entry.get("amount") or "0", currency)
    return f"{what} ({entry['reason']})" if entry.get("reason") else what


def _allowances(thing: Json) -> list[Json]:
    """The allowances; only the discount if the document does not list its entries."""
    return [*(thing.get("allowances") or ([thing["discount"]] if thing["discount"] else ()))]


def _named(names: list[str], entries: list[Json], whole: str) -> Iterator[tuple[str | None, str]]:
    """The name and the amount of each entry. They add up to the whole, which is the only row if no entry has a name."""
    if not entries:
        if not is_nothing(whole):
            yield None, whole
        return
    amounts = [Decimal(one.get("amount") or 0) for one in entries]
    amounts[-1] += Decimal(whole) - sum(amounts)
    yield from zip(names, (format(amount, "f") for amount in amounts), strict=True)


def _allowance_name(entry: Json, discount: Json | None, words: Wording) -> str:
    label, reason, percent = words.label("discount"), entry.get("reason"), entry.get("percent")
    share = f" {words.percent(percent)}" if percent is not None else ""
    if discount and (percent, reason) == (discount.get("percent"), discount.get("reason")):
        return f"{label}{share} ({reason})" if reason and share else f"{label}{share}"
    return f"{reason or label}{share}"


def _charge_name(entry: Json, words: Wording) -> str:
    usual = words.label("shipping" if entry.get("reason_code") == FREIGHT_CODE else "charge")
    percent = entry.get("percent")
    return f"{entry.get('reason') or usual}{f' {words.percent(percent)}' if percent is not None else ''}"


def _prepaid(invoice: Json, words: Wording) -> Iterator[tuple[str, str]]:
    prepaid = invoice.get("prepaid")
    if not prepaid or invoice["type"] != "invoice":
        return
    paid_on = words.label("on_date", date=words.date(prepaid["date"])) if prepaid["date"] else ""
    numbers = ", ".join(one["number"] for one in prepaid["references"])
    label = words.label("prepaid") + paid_on + (f" ({numbers})" if numbers else "")
    yield label, words.money(f"-{prepaid['amount']}", invoice["currency"])
