"""The content of a payment reminder or dunning letter, in its language."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoicing.documents.letterhead import Json, account_rows, code_of, letterhead
from invoicing.documents.texts.wording import Wording
from invoicing.dunning.rule import tone_of

_FAREWELL_LINES, _FAREWELL_WIDTH = 4, 60
_DASH = "\u2013"


def dunning_letter(document: Json, invoice: Json, introduction: str) -> dict[str, Any]:
    """The letter as it is printed, from the dunning document and its invoice in the form of the API."""
    words = Wording.of(document["language"])
    seller: Json = invoice["seller"] or {}
    customer: Json = invoice["customer"] or {}
    above, below = parted(introduction)
    return {
        **letterhead(seller, customer, words),
        "title": f"{words.label(tone_of(document['type'], document['level']))} {document['number']}",
        "watermark": None,
        "facts": [list(fact) for fact in _facts(document, customer, words)],
        "introduction": above,
        "closing": below,
        "claims": list(_claims(document, invoice, words)),
        "total": [words.label("total_claim"), words.money(document["total"], document["currency"])],
        "payment": _payment(document, invoice, seller, words),
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


def _facts(document: Json, customer: Json, words: Wording) -> Iterator[tuple[str, str]]:
    yield words.label("number_dunning"), document["number"]
    yield words.label("issue_date"), words.date(document["issue_date"])
    yield words.label("due_date"), words.date(document["due_date"])
    yield words.label("number_invoice"), document["invoice_number"]
    if customer.get("external_id"):
        yield words.label("customer_no"), customer["external_id"]


def _claims(document: Json, invoice: Json, words: Wording) -> Iterator[dict[str, Any]]:
    """The rows above the total; they add up to it."""
    currency = document["currency"]

    def claim(label: str, amount: Decimal | str, *notes: str) -> dict[str, Any]:
        return {"label": label, "notes": notes, "amount": words.money(str(amount), currency)}

    issued, due = words.date(invoice["issue_date"]), words.date(invoice["due_date"])
    yield claim(words.label("open_of", number=invoice["number"], date=issued, due=due), document["open"])
    charged = {name: Decimal(document[name]) for name in ("open", "fees", "interest")}
    for one in _charges(document):
        label = words.label(one["kind"], level=str(one["level"]))
        yield claim(label, one["amount"], *_set_off(one, currency, words))
    if charged["interest"]:
        stretches = (_stretch(one, currency, words) for one in document["interest_periods"])
        yield claim(words.label("interest"), document["interest"], *stretches)
    paid = sum(charged.values()) - Decimal(document["total"])
    if paid:
        yield claim(words.label("paid_on_fees"), -paid)


def _charges(document: Json) -> Iterator[Json]:
    """The fees one by one. Documents from before fees were itemized have one item."""
    lump = {"kind": "fee", "level": document["level"], "amount": document["fees"], "set_off": None}
    yield from (one for one in document["charges"] or (lump,) if Decimal(one["amount"]))


def _set_off(charge: Json, currency: str, words: Wording) -> Iterator[str]:
    """How much of the flat fee the reminder fees cover."""
    covered = Decimal(charge["set_off"] or 0)
    if covered:
        whole, part = (words.money(str(one), currency) for one in (Decimal(charge["amount"]) + covered, covered))
        yield words.label("flat_fee_less", whole=whole, part=part)


def _stretch(one: Json, currency: str, words: Wording) -> str:
    """Days that bear interest at one rate on one amount."""
    days = f"{words.date(one['start'])} {_DASH} {words.date(one['end'])}"
    amount, rate = words.money(one["amount"], currency), words.percent(one["rate"])
    return words.label("interest_of", rate=rate, amount=amount, period=days, days=str(one["days"]))


def _payment(document: Json, invoice: Json, seller: Json, words: Wording) -> dict[str, Any]:
    """The amount, the due date and the account; a failed direct debit can be transferred instead."""
    amount, until = words.money(document["total"], document["currency"]), words.date(document["due_date"])
    chosen = invoice["bank_account_id"]
    accounts = [account for account in seller.get("bank_accounts") or () if chosen in {None, account["id"]}]
    reference = invoice["payment_reference"] or invoice["number"]
    return {
        "title": words.label("payment"),
        "sentences": [words.label("pay_by", amount=amount, date=until), words.label("crossed")],
        "accounts": account_rows(accounts, seller, reference, words),
        "code": code_of(accounts, seller, document["total"], document["currency"], reference),
    }
