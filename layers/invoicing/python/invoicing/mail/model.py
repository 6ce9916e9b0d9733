"""Mails: their texts, their recipients, and their status.

A mail is claimed before it is passed to SES, which cannot detect duplicates. If the outcome of a claimed mail is
unknown, it is not sent again before the events of SES had time to arrive.
"""

import html
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field

from invoicing.core.email_address import MOST_MAIL_BYTES, Email, mail_bytes
from invoicing.core.errors import Invalid
from invoicing.core.model import Aggregate, Day, Instant, LongText, ShortText, Value, instant_text, values_of
from invoicing.core.stored_file import FileKind, StoredFile
from invoicing.downloads.events import LinkCreated
from invoicing.downloads.model import TokenLink
from invoicing.invoice_pages.events import PageLinkCreated
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.event import InvoiceEvent
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached, MailTooLarge
from invoicing.payments.direct_debit import DebitNotice

SILENCE = timedelta(minutes=15)
"""The time to wait for events of SES about a mail before it is sent once more."""
RETRY_AFTER = timedelta(minutes=5)
"""The time between attempts to send a mail that SES did not accept."""
GIVE_UP_AFTER = timedelta(days=3)
"""The total time of attempts. SES restores its quota within 24 hours; the operator has to resolve longer causes."""
MOST_RECIPIENTS = 50
"""The most recipients of one mail that SES accepts, including the company's own copies."""
_URL = r"https?://\w[^\s<>\"]*"
_PUNCTUATION = ".,;:!?'*_~\u201c\u201d\u2026\u00bb"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def paragraphs(text: str, links: Collection[str] = ()) -> str:
    """A plain text as HTML: markup is escaped, and web addresses become links.

    `links` are addresses that were inserted into the text, so their end is known.
    """
    marked = "".join(_anchor(part) if is_url else html.escape(part) for is_url, part in _split(text, links))
    return "".join(f"<p>{part}</p>" for part in marked.split("\n\n")).replace("\n", "<br>")


def _anchor(url: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(url)}</a>'


def _split(text: str, links: Collection[str]) -> Iterator[tuple[bool, str]]:
    """The parts of a text in order: web addresses, and the texts between them."""
    known = "|".join(map(re.escape, sorted(links, key=len, reverse=True)))
    at = 0
    for found in re.finditer(f"{known}|{_URL}" if known else _URL, text):
        url = found.group() if found.group() in links else _without_punctuation(found.group())
        yield False, text[at : found.start()]
        yield True, url
        at = found.start() + len(url)
    yield False, text[at:]


def _without_punctuation(url: str) -> str:
    """An address without the punctuation of the sentence after it. Brackets that it opens itself stay."""
    while True:
        last = url[-1]
        closes = last in _BRACKETS and url.count(last) > url.count(_BRACKETS[last])
        if not closes and last not in _PUNCTUATION:
            return url
        url = url[:-1]


class OutcomePending(Exception):
    """It is not known yet whether SES accepted the mail. Its events, or their absence, decide."""


class Sending(Value):
    """Recipients and texts of a mail."""

    to: tuple[Email, ...] = ()
    """Recipients of the mail; the customer's e-mail addresses by default."""
    cc: tuple[Email, ...] = ()
    """Recipients of a copy that the others can see."""
    bcc: tuple[Email, ...] = ()
    """Recipients of a copy that the others cannot see."""
    subject: ShortText | None = None
    """Subject of the mail; the tenant's text by default."""
    message: Annotated[LongText, Field(max_length=1_500)] | None = None
    """Text of the mail, up to 1,500 characters; the tenant's text by default."""
    attach_pdf: bool = True
    """Whether the PDF is attached to the mail."""
    attach_xml: bool = False
    """Whether the XML is attached. E-invoices that consist of XML attach it by default."""

    @property
    def kinds(self) -> tuple[FileKind, ...]:
        """The files that are attached to it."""
        return (*(("pdf",) if self.attach_pdf else ()), *(("xml",) if self.attach_xml else ()))

    def require_small(self, files: Iterable[StoredFile]) -> None:
        """Refuse files that are larger together than SES accepts."""
        size = mail_bytes(file.size or 0 for file in files)
        if size > MOST_MAIL_BYTES:
            detail = f"The files have {size:,} bytes as attachments, and an e-mail has at most {MOST_MAIL_BYTES:,}."
            raise MailTooLarge(detail, pointer="/attach_xml" if self.attach_xml else "/attach_pdf")

    def require_few(self, copies: Collection[str]) -> None:
        """Refuse a mail to more addresses than SES accepts; `copies` go to the company itself."""
        if len(self.to) + len(self.cc) + len({*self.bcc, *copies}) > MOST_RECIPIENTS:
            raise Invalid(
                f"An e-mail can have at most {MOST_RECIPIENTS} recipients, including the tenant's own copies.",
                pointer="/to",
            )


class AttachedStatement(Value):
    """The statement of an account that a mail brings. It was rendered when the mail was requested."""

    first: Day
    last: Day
    pdf: StoredFile


class SealedLink(NamedTuple):
    """A new link, and its token encrypted by KMS."""

    link: TokenLink
    token: str


class MailedLink(Value):
    """A link in the text of a mail. A retry needs its token, which is encrypted and kept until SES accepts the mail."""

    id: str
    file: str | None = None
    """The file that it opens; None if it opens the page."""
    expires_at: Instant
    token: str

    @classmethod
    def of(cls, sealed: SealedLink) -> Self:
        """The link of a mail that is claimed first."""
        link, token = sealed
        return cls(id=link.id, file=getattr(link, "file", None), expires_at=link.expires_at, token=token)

    @property
    def creation(self) -> InvoiceEvent:
        """The event of its creation."""
        facts = {"link_id": self.id, "expires_at": instant_text(self.expires_at)}
        return PageLinkCreated(**facts) if self.file is None else LinkCreated(**facts, file=self.file)


class OutgoingMail(Sending, Aggregate):
    """A requested mail about a document, a subscription, a customer's account, or a webhook endpoint.

    `message_ids` are those of SES: two if it was sent again and both arrived.

    `counted`: it is included in the tenant's daily count, where it counts once for all its attempts. `lost` are the
    addresses in `to` that it did not reach: suppressed before it was sent, or bounced permanently. `deferred_at` is
    when SES first did not accept the mail, `retry_at` the time of the next attempt. `links` are those in its text, the
    same in each attempt, until SES accepts it.
    """

    object: Literal["mail"] = "mail"
    invoice_id: str | None = None
    subscription_id: str | None = None
    customer_id: str | None = None
    endpoint_id: str | None = None
    document_id: str | None = None
    payment_id: str | None = None
    rule_id: str | None = None
    statement: AttachedStatement | None = None
    debit: DebitNotice | None = None
    status: Literal["requested", "claimed", "sent", "failed", "bounced"] = "requested"
    attempts: int = 0
    counted: bool = False
    claimed_at: Instant | None = None
    deferred_at: Instant | None = None
    retry_at: Instant | None = None
    message_ids: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    links: tuple[MailedLink, ...] = ()
    erased_at: Instant | None = None

    @classmethod
    def of(cls, id_: str, invoice_id: str, sending: Sending, *, at: datetime, document_id: str | None = None) -> Self:
        """A mail that will bring a document, or a dunning document of it."""
        return cls(
            **dict(sending), id=id_, invoice_id=invoice_id, document_id=document_id, created_at=at, updated_at=at
        )

    @classmethod
    def receipt(cls, id_: str, invoice_id: str, payment_id: str, sending: Sending, *, at: datetime) -> Self:
        """A mail that confirms a payment or refund of a document, without files."""
        about = {"invoice_id": invoice_id, "payment_id": payment_id}
        return cls(**{**dict(sending), **about, "attach_pdf": False}, id=id_, created_at=at, updated_at=at)

    @classmethod
    def reminder(cls, id_: str, invoice_id: str, rule_id: str, sending: Sending, *, at: datetime) -> Self:
        """A mail that reminds of the due date of an invoice, by a dunning rule of level 0."""
        about = {"invoice_id": invoice_id, "rule_id": rule_id}
        return cls(**{**dict(sending), **about}, id=id_, created_at=at, updated_at=at)

    @classmethod
    def announcement(cls, id_: str, invoice_id: str, debit: DebitNotice, to: tuple[str, ...], *, at: datetime) -> Self:
        """A mail that announces the direct debit of an invoice, without files."""
        about: dict[str, Any] = {"invoice_id": invoice_id, "debit": debit, "attach_pdf": False}
        return cls(**about, to=to, id=id_, created_at=at, updated_at=at)

    @classmethod
    def about_subscription(cls, id_: str, subscription_id: str, sending: Sending, *, at: datetime) -> Self:
        """A mail about a subscription, without files."""
        return cls(**dict(sending), id=id_, subscription_id=subscription_id, created_at=at, updated_at=at)

    @classmethod
    def with_statement(
        cls, id_: str, customer_id: str, statement: AttachedStatement, sending: Sending, *, at: datetime
    ) -> Self:
        """A mail with the statement of a customer's account."""
        return cls(**dict(sending), id=id_, customer_id=customer_id, statement=statement, created_at=at, updated_at=at)

    @classmethod
    def about_endpoint(cls, id_: str, endpoint_id: str, sending: Sending, *, at: datetime) -> Self:
        """A mail about a webhook endpoint, without files."""
        return cls(**dict(sending), id=id_, endpoint_id=endpoint_id, created_at=at, updated_at=at)

    @property
    def subject_id(self) -> str:
        """The identifier of the document, the subscription, the customer or the webhook endpoint that it is about."""
        subject = self.subscription_id or self.customer_id or self.endpoint_id or self.invoice_id
        if subject is None:
            raise AssertionError("a mail is about a document, a subscription, a customer or a webhook endpoint")
        return subject

    @property
    def reminds(self) -> bool:
        """Whether it is a reminder or brings a dunning letter."""
        return self.document_id is not None or self.rule_id is not None

    @property
    def brings_document(self) -> bool:
        """Whether it brings the document itself, which is sent then."""
        other = self.payment_id or self.debit or self.reminds
        return self.invoice_id is not None and not other

    @property
    def settled(self) -> bool:
        """Whether its outcome is known."""
        return self.status not in ("requested", "claimed")

    @property
    def reached_nobody(self) -> bool:
        """Whether it reached none of its recipients."""
        return {one.lower() for one in self.to} <= {one.lower() for one in self.lost}

    def claimed(self, at: datetime, suppressed: Iterable[str] = (), links: Iterable[SealedLink] = ()) -> Self:
        """The mail before it is passed to SES. Refuses while an earlier attempt may still prove successful."""
        if self.claimed_at is not None and at - self.claimed_at < SILENCE:
            raise OutcomePending
        return self._now(
            at,
            status="claimed",
            claimed_at=at,
            attempts=self.attempts + 1,
            counted=True,
            lost=tuple(suppressed),
            links=(*self.links, *map(MailedLink.of, links)),
        )

    def released(self, at: datetime) -> Self:
        """The mail after SES certainly did not accept it."""
        return self._now(at, status="requested", claimed_at=None, attempts=self.attempts - 1)

    @property
    def waits(self) -> bool:
        """Whether the mail waits for its next attempt."""
        return self.retry_at is not None and not self.settled

    def deferred(self, at: datetime) -> Self:
        """The mail after SES responded that it does not accept it now."""
        waiting = {"deferred_at": self.deferred_at or at, "retry_at": at + RETRY_AFTER}
        return self.released(at).model_copy(update=waiting)

    def gives_up(self, at: datetime) -> bool:
        """Whether the mail has waited for the total time of attempts."""
        return self.deferred_at is not None and at - self.deferred_at >= GIVE_UP_AFTER

    def sent(self, message_id: str, at: datetime) -> Self:
        """The mail after SES accepted it under this id. The timeline shows its links then."""
        status = self.status if self.status == "bounced" else "sent"
        return self._now(at, status=status, message_ids=(*self.message_ids, message_id), links=())

    def failed(self, at: datetime) -> Self:
        """The mail after it was decided not to send it."""
        return self._now(at, status="failed", links=())

    def bounced(self, at: datetime, lost: Iterable[str] = ()) -> Self:
        """The mail after it bounced; `lost` are the addresses with a permanent bounce."""
        return self._now(at, status="bounced", lost=tuple(dict.fromkeys((*self.lost, *lost))))

    def erased(self, at: datetime) -> Self:
        """The mail without its addresses and texts. An unsent mail is not sent any more."""
        nobody = dict.fromkeys(("to", "cc", "bcc", "lost", "links"), ()) | dict.fromkeys(
            ("subject", "message", "retry_at")
        )
        return self._now(at, status=self.status if self.settled else "failed", erased_at=at, **nobody)

    @property
    def forgets(self) -> bool:
        """Whether the personal data was erased."""
        return self.erased_at is not None

    def _now(self, at: datetime, **fields: Any) -> Self:
        return self.model_copy(update={**fields, "updated_at": at})


class Suppression(Aggregate):
    """An address that mail does not reach, or whose owner complained. It receives no mail until it is changed."""

    object: Literal["suppression"] = "suppression"
    invoice_id: str | None = None
    subscription_id: str | None = None
    customer_id: str | None = None
    endpoint_id: str | None = None
    reason: Literal["bounce", "complaint"]

    @classmethod
    def of(cls, address: str, mail: OutgoingMail, reason: Literal["bounce", "complaint"], at: datetime) -> Self:
        """The suppression of an address, which is its id, with the subject of the mail."""
        about = values_of(mail, ("invoice_id", "subscription_id", "customer_id", "endpoint_id"))
        return cls(id=address, **about, reason=reason, created_at=at, updated_at=at)


class Post(NamedTuple):
    """The facts before a mail is sent: suppressed addresses, and the number of mails sent today."""

    suppressed: Collection[str]
    today: int

    def deliverable(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Those of the addresses that are not suppressed."""
        return tuple(one for one in addresses if one.lower() not in self.suppressed)

    def require(self, to: Collection[str], limit: int, *, pointer: str = "/to") -> None:
        """Refuse a mail without recipients, to suppressed addresses only, or beyond the tenant's daily limit."""
        if not to:
            raise NoRecipient(pointer=pointer)
        if not self.deliverable(to):
            raise AddressSuppressed(pointer=pointer)
        if self.today >= limit:
            raise EmailLimitReached(f"The tenant's limit of {limit} e-mails a day is reached.", pointer=pointer)
