"""The web page of one document: the amount due now, how to pay it, and its files. It works without JavaScript."""

import base64
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from htpy import (
    Element,
    Node,
    a,
    button,
    dd,
    div,
    dl,
    dt,
    footer,
    h1,
    h2,
    header,
    img,
    label,
    li,
    main,
    p,
    section,
    textarea,
    ul,
)

from invoicing.core.activity import MOST_CHARACTERS, Activity
from invoicing.core.model import local_date
from invoicing.core.stored_file import WebPage
from invoicing.documents.address import address_lines
from invoicing.documents.deposit_words import document_name
from invoicing.documents.girocode import drawn
from invoicing.documents.letterhead import code_of, in_one_line
from invoicing.documents.pages.layout import page, page_form
from invoicing.documents.pages.style import STYLE, accented
from invoicing.documents.payment import payment_of
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.issuing.einvoice import holder_of, remittable_to
from invoicing.issuing.self_billing import is_self_billed


class Shown(NamedTuple):
    """A document as it is now, and the other content of its page."""

    invoice: Invoice
    token: str
    """The secret in the URL of the page, below which its files are."""
    today: date
    time_zone: str
    comments: Sequence[Activity] = ()
    """The public comments, oldest first."""
    successor: InvoiceSummary | None = None
    """The correction of a canceled document, or its cancellation; of a cancellation, the correction."""


def invoice_page(shown: Shown) -> WebPage:
    """The page of an issued document, in its language."""
    invoice = shown.invoice
    words = Wording.of(invoice.language)
    name = f"{document_name(invoice, words)} {invoice.number}"
    style = STYLE + accented(invoice.form.accent_color if invoice.form else None)
    seller = invoice.seller.name if invoice.seller else ""
    content = [
        header[p(".seller")[seller], h1[name]],
        main[_sum(shown, words), _payment(shown, words), _files(shown, words), _comments(shown, words)],
        _foot(invoice, words),
    ]
    return page(words, f"{name} \N{MIDDLE DOT} {seller}", content, style)


def _sum(shown: Shown, words: Wording) -> Element:
    """The amount to pay at this moment, or why there is none."""
    invoice = shown.invoice
    asked = _asked(invoice)
    if invoice.status is Status.CANCELED:
        return section(".card")[p(".late")[words.label("page_canceled")], _successor(shown, words)]
    if asked:
        return section(".card.sum")[
            h2[words.label("page_due")], p(".amount")[words.money(asked, invoice.currency)], _when(shown, words)
        ]
    if invoice.refund_due:
        amount = words.money(invoice.refund_due, invoice.currency)
        return section(".card.sum")[h2[words.label("page_refund")], p(".amount")[amount]]
    amount = words.money(invoice.total, invoice.currency)
    done = words.label("page_closed") if invoice.status is Status.CLOSED else None
    title_ = words.label("total") if invoice.type != "invoice" else words.label("page_nothing_due")
    return section(".card.sum")[
        h2[title_],
        p(".amount")[amount] if invoice.type != "invoice" else None,
        done and p[done],
        _successor(shown, words),
    ]


def _successor(shown: Shown, words: Wording) -> Node:
    """The way to the page of the successor. It makes a link, which a page must not do that is only read."""
    successor = shown.successor
    if successor is None or successor.number is None:
        return None
    replaces = successor.corrects_id is not None
    sentence = "page_replaced" if shown.invoice.status is Status.CANCELED else "page_correction"
    name = f"{words.label(successor.type)} {successor.number}"
    press = div(".actions")[
        button(class_="main" if replaces else None, type="submit")[words.label("page_open", number=name)]
    ]
    return [
        replaces and p[words.label(sentence, number=successor.number)],
        page_form(f"./{shown.token}/successor", shown.token, press),
    ]


def _asked(invoice: Invoice) -> Decimal:
    """The amount due now, with the fees and interest of its dunning; zero where the customer pays nothing."""
    if invoice.type != "invoice" or is_self_billed(invoice) or invoice.status is Status.CANCELED:
        return invoice.due - invoice.due
    return invoice.due + invoice.dunning_so_far.fees_due


def _when(shown: Shown, words: Wording) -> Node:
    due = shown.invoice.due_date
    if due is None:
        return None
    if due < shown.today:
        return p(".when.late")[words.label("page_overdue_since", date=words.date(due))]
    return p(".when")[words.label("page_due_on", date=words.date(due))]


def _payment(shown: Shown, words: Wording) -> Node:
    """How to pay, with each value to copy, or how a credit is settled."""
    invoice = shown.invoice
    asked, fees = _asked(invoice), invoice.dunning_so_far.fees_due
    if invoice.status is Status.CANCELED or (invoice.type == "invoice" and not asked and not is_self_billed(invoice)):
        return None
    payment = payment_of(invoice, words)
    late = invoice.due_date is not None and invoice.due_date < shown.today
    # The sentences are about the amount of the document alone, and about the days before it was due.
    sentences = [] if payment["accounts"] and (fees or late) else [p[one] for one in payment["sentences"]]
    amount = [words.label("page_amount"), words.money(asked, invoice.currency)]
    accounts = [_rows([*account, amount] if asked else account) for account in payment["accounts"]]
    charged = _rows([[words.label("page_fees"), words.money(fees, invoice.currency)]]) if fees else None
    return section(".card")[h2[payment["title"]], div(".pay")[div[sentences, charged, accounts], _code(invoice, words)]]


def _rows(rows: Sequence[Sequence[str]]) -> Element:
    return dl[((dt[name], dd[value]) for name, value in rows)]


def _code(invoice: Invoice, words: Wording) -> Node:
    """The code for banking apps, with everything that is due now."""
    if (invoice.payment_method or "bank_transfer") != "bank_transfer" or not _asked(invoice):
        return None
    holder, asked = holder_of(invoice), _asked(invoice)
    reference = invoice.payment_reference or invoice.number
    code = code_of(remittable_to(invoice), holder, asked, invoice.currency, reference)
    if code is None:
        return None
    picture = base64.b64encode(drawn(code).encode()).decode()
    about = words.label("page_code", amount=words.money(asked, invoice.currency), holder=holder)
    return img(src=f"data:image/svg+xml;base64,{picture}", alt=about, width="176", height="176")


def _files(shown: Shown, words: Wording) -> Element:
    labels = {"pdf": words.label("page_pdf"), "xml": words.label("page_xml")}
    links = [a(href=f"{shown.token}/{kind}")[labels[kind]] for kind in labels if kind in shown.invoice.files]
    return section(".card")[h2[words.label("page_files")], div(".actions")[links]]


def _comments(shown: Shown, words: Wording) -> Element:
    """The public comments, and the form for one of the customer."""
    seller = shown.invoice.seller.name if shown.invoice.seller else ""
    return section("#comments.card")[
        h2[words.label("page_comments")],
        shown.comments
        and ul[
            (
                li[p(dir="auto")[one.comment], p(".by")[" \N{MIDDLE DOT} ".join(_by(one, shown, words))]]
                for one in shown.comments
            )
        ],
        page_form(
            f"./{shown.token}/comments",
            shown.token,
            label(for_="comment")[words.label("page_comment", seller=seller)],
            textarea(
                "#comment",
                name="comment",
                rows="3",
                required=True,
                maxlength=MOST_CHARACTERS,
                aria_describedby="readers",
            ),
            p("#readers.hint")[words.label("page_readers")],
            div(".actions")[button(".main", type="submit")[words.label("page_send")]],
        ),
    ]


def _by(comment: Activity, shown: Shown, words: Wording) -> Iterator[str]:
    if comment.by_customer:
        yield shown.invoice.customer_name or words.label("page_customer")
    elif comment.user:
        yield comment.user.full_name
    yield words.date(local_date(comment.created_at, shown.time_zone))


def _foot(invoice: Invoice, words: Wording) -> Node:
    seller = invoice.seller
    if seller is None:
        return None
    contact = seller.contact
    lines = (
        ", ".join([seller.name, *address_lines(seller.address, seller.address.country, words)]),
        " \N{MIDDLE DOT} ".join(filter(None, (contact.phone, contact.email))) if contact else "",
        in_one_line(seller.legal_information),
    )
    return footer[[p[one] for one in lines if one]]
