"""The content of a payment reminder or dunning letter, in its language."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoicing.documents.letterhead import account_rows, closing_of, code_of, letterhead
from invoicing.documents.texts.wording import Wording
from invoicing.dunning.document import DunningDocument, InterestPeriod
from invoicing.dunning.rule import tone_of
from invoicing.invoices.dunning import Charge
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import holder_of, remittable_to

_FAREWELL_LINES, _FAREWELL_WIDTH = 4, 60
_DASH = "\u2013"


def dunning_letter(document: DunningDocument, invoice: Invoice, introduction: str) -> dict[str, Any]:
    """The letter as it is printed, from the dunning document and its invoice in the form of the API."""
    words = Wording.of(document.language)
    above, below = parted(introduction)
    return {
        **letterhead(invoice.seller, invoice.customer, words, invoice.form),
        "title": f"{words.label(tone_of(document.type, document.level))} {document.number}",
        "watermark": None,
        "facts": [list(fact) for fact in _facts(document, words)],
        "introduction": above,
        "closing": closing_of(below, invoice.seller, invoice.form),
        "claims": list(_claims(document, invoice, words)),
        "total": [words.label("total_claim"), words.money(document.total, document.currency)],
        "payment": _payment(document, invoice, words),
    }


def parted(text: str) -> tuple[str, str | None]:
    """A letter's text above its table, and the farewell below it: a last paragraph of a few short lines."""
    above, _, farewell = text.rstrip().rpartition("\n\n")
    lines = farewell.split("\n")
    if not above or len(lines) > _FAREWELL_LINES or any(len(line) > _FAREWELL_WIDTH for line in lines):
        return text, None
    if farewell.endswith((".", "!", "?", ":")):
        return text, None
    return above, farewell


def _facts(document: DunningDocument, words: Wording) -> Iterator[tuple[str, str]]:
    yield words.label("number_dunning"), document.number
    yield words.label("issue_date"), words.date(document.issue_date)
    yield words.label("due_date"), words.date(document.due_date)
    yield words.label("number_invoice"), document.invoice_number


def _claims(document: DunningDocument, invoice: Invoice, words: Wording) -> Iterator[dict[str, Any]]:
    """The rows above the total; they add up to it."""
    currency = document.currency

    def claim(label: str, amount: Decimal, *notes: str) -> dict[str, Any]:
        return {"label": label, "notes": notes, "amount": words.money(amount, currency)}

    if invoice.issue_date is None or invoice.due_date is None:
        raise ValueError("only an issued invoice with a due date is dunned")
    issued, due = words.date(invoice.issue_date), words.date(invoice.due_date)
    yield claim(words.label("open_of", number=document.invoice_number, date=issued, due=due), document.open)
    for one in _charges(document):
        yield claim(words.label(one.kind, level=str(one.level)), one.amount, *_set_off(one, currency, words))
    if document.interest:
        stretches = (_stretch(one, currency, words) for one in document.interest_periods)
        yield claim(words.label("interest"), document.interest, *stretches)
    paid = document.open + document.fees + document.interest - document.total
    if paid:
        yield claim(words.label("paid_on_fees"), -paid)


def _charges(document: DunningDocument) -> Iterator[Charge]:
    """The fees one by one. Documents from before fees were itemized have one item."""
    lump = Charge(kind="fee", level=document.level, amount=document.fees)
    yield from (one for one in document.charges or (lump,) if one.amount)


def _set_off(charge: Charge, currency: str, words: Wording) -> Iterator[str]:
    """How much of the flat fee the reminder fees cover."""
    covered = charge.set_off
    if covered:
        whole, part = (words.money(one, currency) for one in (charge.amount + covered, covered))
        yield words.label("flat_fee_less", whole=whole, part=part)


def _stretch(one: InterestPeriod, currency: str, words: Wording) -> str:
    """Days that bear interest at one rate on one amount."""
    days = f"{words.date(one.start)} {_DASH} {words.date(one.end)}"
    amount, rate = words.money(one.amount, currency), words.percent(one.rate)
    return words.label("interest_of", rate=rate, amount=amount, period=days, days=str(one.days))


def _payment(document: DunningDocument, invoice: Invoice, words: Wording) -> dict[str, Any]:
    """The amount, the due date and the account; a failed direct debit can be transferred instead."""
    amount, until = words.money(document.total, document.currency), words.date(document.due_date)
    holder, accounts = holder_of(invoice), remittable_to(invoice)
    reference = invoice.payment_reference or invoice.number
    return {
        "title": words.label("payment"),
        "sentences": [words.label("pay_by", amount=amount, date=until), words.label("crossed")],
        "accounts": account_rows(accounts, holder, reference, words),
        "code": code_of(accounts, holder, document.total, document.currency, reference),
    }
