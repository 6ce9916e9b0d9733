"""The content of the pages of an invoice, credit note or cancellation, in its language.

The template only places these texts, so the printed content can be tested without a page.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.core.currency import converted
from invoicing.core.model import days_after
from invoicing.documents.address import address_lines
from invoicing.documents.credit_words import settlement_sentences
from invoicing.documents.deposit_words import deposit_sentences, document_name
from invoicing.documents.letterhead import Json, account_rows, code_of, letterhead
from invoicing.documents.sums import entry_rows, is_nothing, line_notes, settlement_rows
from invoicing.documents.texts.wording import Wording

_LONG = 1_200
"""Characters of a description from which its row may break over pages; a shorter one moves to the next page whole."""
_DASH = "\u2013"
_TAXED = frozenset({"S", "Z", "L", "M"})


def letter(invoice: Json) -> dict[str, Any]:
    """The document as it is printed, from the invoice in the form of the API."""
    words = Wording.of(invoice["language"])
    seller: Json = invoice["seller"] or {}
    customer: Json = invoice["customer"] or {}
    kind, number = invoice["type"], invoice["number"]
    home = (seller.get("address") or {}).get("country")
    name = document_name(invoice, words)
    draft = invoice["status"] == "draft"
    taxed = any(tax["category"] in _TAXED for tax in invoice["tax_breakdown"])
    return {
        "title": name if number is None else f"{name} {number}",
        "subtitle": invoice["title"],
        "watermark": words.label("draft") if draft else None,
        **letterhead(seller, customer, words),
        "facts": [list(fact) for fact in _facts(invoice, customer, home, words)],
        "details": [[attribute["name"], attribute["value"]] for attribute in invoice["custom_attributes"]],
        "introduction": invoice["introduction"],
        "columns": [
            words.label(name)
            for name in (
                "position",
                "description",
                "quantity",
                "unit_price_inclusive" if invoice["price_tax_inclusive"] else "unit_price",
                "tax",
                "amount_inclusive" if invoice["price_tax_inclusive"] else "amount",
            )
        ],
        "lines": [_line(place, line, invoice, words) for place, line in enumerate(invoice["lines"], 1)],
        "carried": list(_carried(invoice, words)),
        "totals": [list(row) for row in _totals(invoice, words)],
        "total": [words.label("total" if taxed else "total_untaxed"), _money(invoice, "total", words)],
        "declared": [list(row) for row in _declared(invoice, words)],
        "settlement": [list(row) for row in settlement_rows(invoice, words)],
        "remarks": list(_remarks(invoice, words)),
        "payment": _payment(invoice, seller, words) if kind == "invoice" else _credited(invoice, words),
        "closing": invoice["closing"],
    }


def _money(invoice: Json, field: str, words: Wording, sign: str = "") -> str:
    return words.money(sign + invoice[field], invoice["currency"])


def _period(period: Json, words: Wording) -> str:
    start, end = period.get("start"), period.get("end")
    days = dict.fromkeys(words.date(day) for day in (start, end) if day)
    return f" {_DASH} ".join(days)


def _facts(invoice: Json, customer: Json, home: str | None, words: Wording) -> Iterator[tuple[str, str]]:
    """The block beside the address, with the facts for bookkeepers."""
    if invoice["number"]:
        yield words.label(f"number_{invoice['type']}"), invoice["number"]
    for field in ("issue_date", "due_date"):
        if invoice[field] and not (field == "due_date" and invoice["type"] != "invoice"):
            yield words.label(field), words.date(invoice[field])
    period = invoice["service_period"]
    if period:
        one_day = period.get("start") == period.get("end") or not (period.get("start") and period.get("end"))
        on_issue = one_day and invoice["issue_date"] in (period.get("start"), period.get("end"))
        supplied = words.label("is_issue_date") if on_issue else _period(period, words)
        yield words.label("service_date" if one_day else "service_period"), supplied
    for label, value in (
        ("customer_no", customer.get("external_id")),
        ("customer_tax_id", customer.get("tax_id")),
        ("customer_legal_id", customer.get("legal_id")),
        ("order", invoice["purchase_order_id"]),
        ("contract", invoice["contract_reference"]),
        ("buyer_reference", invoice["buyer_reference"] or customer.get("leitweg_id")),
    ):
        if value:
            yield words.label(label), value
    for reference in invoice["references"]:
        issued, number = reference.get("issue_date"), reference["number"]
        shown = words.label("reference_of", number=number, date=words.date(issued)) if issued else number
        yield words.label("reference"), shown
    if invoice["ship_to"]:
        yield words.label("deliver_to"), ", ".join(address_lines(invoice["ship_to"], home, words))


def _line(place: int, line: Json, invoice: Json, words: Wording) -> dict[str, Any]:
    digits = len(invoice["total"].partition(".")[2])
    base = line["price_base_quantity"]
    one = base is None or words.quantity(base) == "1"
    notes = [*line_notes(line, invoice["currency"], digits, words)]
    if line["serial_number"]:
        notes.append(words.label("serial", number=line["serial_number"]))
    if line["period"]:
        notes.append(_period(line["period"], words))
    description = line["description"] or ""
    return {
        "position": str(place),
        "name": line["name"],
        "description": description,
        "notes": " · ".join(notes),
        "quantity": words.quantity(line["quantity"]),
        "unit": words.unit(line["unit"]),
        "price": words.price(line["unit_price"], digits),
        "per": "" if one else words.label("per", quantity=words.quantity(base)),
        "tax": _rate(line["tax"], words),
        "amount": words.amount(_amount(line, invoice)),
        "long": len(description) + 60 * description.count("\n") > _LONG,
    }


def _amount(line: Json, invoice: Json) -> str:
    amount: str = line["total"] if invoice["price_tax_inclusive"] else line["net"]
    return amount


def _carried(invoice: Json, words: Wording) -> Iterator[str]:
    """The running totals after each line, which pages show where they begin or end."""
    so_far = Decimal(0)
    for line in invoice["lines"]:
        so_far += Decimal(_amount(line, invoice))
        yield words.money(str(so_far), invoice["currency"])


def _rate(tax: Json, words: Wording) -> str:
    return _DASH if tax["category"] == "O" else words.percent(tax["rate"] or "0")


def _totals(invoice: Json, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows above the total, in the document's price mode; they add up to it."""
    yield from entry_rows(invoice, words)
    if not invoice["price_tax_inclusive"]:
        yield from _taxes(invoice, "tax_of", words)


def _taxes(invoice: Json, label: str, words: Wording) -> Iterator[tuple[str, str]]:
    for tax in invoice["tax_breakdown"]:
        if tax["category"] in _TAXED or not is_nothing(tax["tax"]):
            taxable = words.money(tax["taxable"], invoice["currency"])
            text = words.label(label, rate=_rate(tax, words), taxable=taxable)
            yield text, words.money(tax["tax"], invoice["currency"])


def _declared(invoice: Json, words: Wording) -> Iterator[tuple[str, str]]:
    """The rows below the total: the tax that it includes, and the tax in the currency it is declared in.

    The second is required for another currency (article 230 of Directive 2006/112/EC).
    """
    if invoice["price_tax_inclusive"]:
        yield from _taxes(invoice, "included_tax_of", words)
    currency, rate = invoice["tax_currency"], invoice["exchange_rate"]
    if currency in (None, invoice["currency"]) or rate is None:
        return
    label = words.label("tax_in", currency=currency, of=invoice["currency"], rate=words.quantity(rate))
    yield label, words.money(str(converted(Decimal(invoice["tax"]), Decimal(rate), currency)), currency)


def _remarks(invoice: Json, words: Wording) -> Iterator[str]:
    """The remarks below the totals: the reason for untaxed amounts, its deposits, and the document's own note."""
    for tax in invoice["tax_breakdown"]:
        reason = _reason(tax["category"], invoice, words)
        if reason:
            taxable = words.money(tax["taxable"], invoice["currency"])
            yield words.label("untaxed_of", reason=reason, taxable=taxable)
    yield from deposit_sentences(invoice, words)
    if invoice["note"]:
        yield invoice["note"]


def _reason(category: str, invoice: Json, words: Wording) -> str | None:
    """The reason why a category is not taxed: from lines and shipping, else the legal text in the reader's language.

    The reason in the breakdown is not used, because by default it has the English text of the VATEX list.
    """
    entries = [invoice["shipping"] or {}, *(invoice.get("allowances") or ()), *(invoice.get("charges") or ())]
    taxes = [*(line["tax"] for line in invoice["lines"]), *(one["tax"] for one in entries if one.get("tax"))]
    reasons = dict.fromkeys(tax["exemption_reason"] for tax in taxes if tax["category"] == category)
    reasons.pop(None, None)
    return "; ".join(reasons) or words.untaxed(category)


def _payment(invoice: Json, seller: Json, words: Wording) -> dict[str, Any]:
    """The payment method, amount and due date."""
    if invoice["status"] != "draft" and is_nothing(invoice["due"]):
        done = [words.label("paid_in_full")]
        return {"title": words.label("payment"), "sentences": done, "accounts": [], "code": None}
    method = invoice["payment_method"] or "bank_transfer"
    by_transfer = method == "bank_transfer"
    chosen = invoice["bank_account_id"]
    accounts = [account for account in seller.get("bank_accounts") or () if chosen in {None, account["id"]}]
    reference = invoice["payment_reference"] or invoice["number"]
    return {
        "title": words.label("payment"),
        "sentences": [*_how(invoice, method, words), *_stated(invoice), *_terms(invoice, words)],
        "accounts": account_rows(accounts, seller, reference, words) if by_transfer else [],
        # A draft must not be paid, so it has no code.
        "code": code_of(accounts, seller, invoice["due"], invoice["currency"], reference)
        if by_transfer and invoice["status"] != "draft"
        else None,
    }


def _credited(invoice: Json, words: Wording) -> dict[str, Any]:
    """The settlement of the amount of a credit note or cancellation."""
    sentences = [*settlement_sentences(invoice, words)]
    return {"title": words.label("settlement"), "sentences": sentences, "accounts": [], "code": None}


def _how(invoice: Json, method: str, words: Wording) -> Iterator[str]:
    # A draft owes nothing yet: `due` is set when it is issued.
    field = "due" if invoice["status"] != "draft" else "payable" if invoice.get("payable") else "total"
    amount = _money(invoice, field, words)
    due = invoice["due_date"]
    if method == "bank_transfer":
        yield words.label("pay_by", amount=amount, date=words.date(due)) if due else words.label("pay", amount=amount)
    elif method == "sepa_direct_debit" and due:
        yield words.label("sepa_direct_debit_by", amount=amount, date=words.date(due))
    else:
        yield words.label(method, amount=amount)


def _stated(invoice: Json) -> Iterator[str]:
    """The payment means in the company's own words."""
    if invoice.get("payment_means_text"):
        yield invoice["payment_means_text"]


def _terms(invoice: Json, words: Wording) -> Iterator[str]:
    terms = invoice["payment_terms"] or {}
    if not invoice["due_date"] and terms.get("days"):
        yield words.label("within", days=str(terms["days"]))
    percent, days = terms.get("discount_percent"), terms.get("discount_days")
    if percent is None or days is None:
        return
    saved = words.percent(percent)
    if invoice["issue_date"]:
        until = days_after(date.fromisoformat(invoice["issue_date"]), days)
        yield words.label("early", percent=saved, date=words.date(until.isoformat()))
    else:
        yield words.label("early_terms", percent=saved, days=str(days))
