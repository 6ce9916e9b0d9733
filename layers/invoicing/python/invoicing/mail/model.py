"""Mails: their texts, their recipients, and their status.

A mail is claimed before it is handed to SES, which has no way to take one only once. Where nothing is known of a
claimed mail it is not sent again before SES's own events had time to tell.
"""

import html
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field

from invoicing.core.email_address import Email
from invoicing.core.errors import Invalid
from invoicing.core.model import Aggregate, Instant, LongText, ShortText, Value
from invoicing.core.stored_file import FileKind
from invoicing.invoices.errors import NoRecipient
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached

SILENCE = timedelta(minutes=15)
"""How long SES has to tell what became of a mail before it is sent once more."""
RETRY_AFTER = timedelta(minutes=5)
"""How long a mail waits that SES did not take, before SES is asked again."""
GIVE_UP_AFTER = timedelta(days=3)
"""How long a mail waits in all. SES's quota is back within 24 hours; what lasts longer is the operator's to mend."""
MOST_RECIPIENTS = 50
"""Of one mail, the company's own copies counted: SES takes no more."""
_URL = r"https?://\w[^\s<>\"]*"
_PUNCTUATION = ".,;:!?'*_~\u201c\u201d\u2026\u00bb"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def paragraphs(text: str, links: Collection[str] = ()) -> str:
    """A plain text as HTML: nothing in it is markup, and addresses of the web are links.

    `links` are addresses that were put into the text and end where they end, whatever follows them.
    """
    marked = "".join(_anchor(part) if is_url else html.escape(part) for is_url, part in _split(text, links))
    return "".join(f"<p>{part}</p>" for part in marked.split("\n\n")).replace("\n", "<br>")


def _anchor(url: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(url)}</a>'


def _split(text: str, links: Collection[str]) -> Iterator[tuple[bool, str]]:
    """The parts of a text in order: addresses of the web, and what is between them."""
    known = "|".join(map(re.escape, sorted(links, key=len, reverse=True)))
    at = 0
    for found in re.finditer(f"{known}|{_URL}" if known else _URL, text):
        url = found.group() if found.group() in links else _without_punctuation(found.group())
        yield False, text[at : found.start()]
        yield True, url
        at = found.start() + len(url)
    yield False, text[at:]


def _without_punctuation(url: str) -> str:
    """An address without the punctuation of the sentence after it; brackets that it opens itself stay."""
    while True:
        last = url[-1]
        closes = last in _BRACKETS and url.count(last) > url.count(_BRACKETS[last])
        if not closes and last not in _PUNCTUATION:
            return url
        url = url[:-1]


class OutcomePending(Exception):
    """Whether SES took the mail is not known yet; its events, or their absence, decide."""


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
        """The files that go with it."""
        return (*(("pdf",) if self.attach_pdf else ()), *(("xml",) if self.attach_xml else ()))

    def require_few(self, copies: Collection[str]) -> None:
        """Refuse a mail to more addresses than SES takes; `copies` go to the company itself."""
        if len(self.to) + len(self.cc) + len({*self.bcc, *copies}) > MOST_RECIPIENTS:
            raise Invalid(
                f"An e-mail can have at most {MOST_RECIPIENTS} recipients, including the tenant's own copies.",
                pointer="/to",
            )


class OutgoingMail(Sending, Aggregate):
    """A mail that was asked for. `message_ids` are SES's: two if it had to be sent again and both arrived.

    `counted` says that it is among those of the tenant's day, which it is once, however often SES does not take it.
    `lost` are the addresses in `to` that it did not reach: suppressed before it was sent, or bounced for good.
    `deferred_at` is when SES first answered that it does not take the mail now, `retry_at` when SES is asked again.
    """

    object: Literal["mail"] = "mail"
    invoice_id: str
    document_id: str | None = None
    status: Literal["requested", "claimed", "sent", "failed", "bounced"] = "requested"
    attempts: int = 0
    counted: bool = False
    claimed_at: Instant | None = None
    deferred_at: Instant | None = None
    retry_at: Instant | None = None
    message_ids: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    erased_at: Instant | None = None

    @classmethod
    def of(cls, id_: str, invoice_id: str, sending: Sending, *, at: datetime, document_id: str | None = None) -> Self:
        """A mail that is to bring a document, or a dunning document of it."""
        return cls(
            **dict(sending), id=id_, invoice_id=invoice_id, document_id=document_id, created_at=at, updated_at=at
        )

    @property
    def settled(self) -> bool:
        """Whether it is known what became of it."""
        return self.status not in ("requested", "claimed")

    @property
    def reached_nobody(self) -> bool:
        """Whether it reached none of those it was for."""
        return {one.lower() for one in self.to} <= {one.lower() for one in self.lost}

    def claimed(self, at: datetime, suppressed: Iterable[str] = ()) -> Self:
        """The mail before it is handed to SES; refuses while an earlier attempt may still prove to have worked."""
        if self.claimed_at is not None and at - self.claimed_at < SILENCE:
            raise OutcomePending
        return self._now(
            at, status="claimed", claimed_at=at, attempts=self.attempts + 1, counted=True, lost=tuple(suppressed)
        )

    def released(self, at: datetime) -> Self:
        """The mail as SES certainly did not take it."""
        return self._now(at, status="requested", claimed_at=None, attempts=self.attempts - 1)

    @property
    def waits(self) -> bool:
        """Whether the mail is to be handed to SES again once its time has come."""
        return self.retry_at is not None and not self.settled

    def deferred(self, at: datetime) -> Self:
        """The mail as SES answered that it does not take it now."""
        waiting = {"deferred_at": self.deferred_at or at, "retry_at": at + RETRY_AFTER}
        return self.released(at).model_copy(update=waiting)

    def gives_up(self, at: datetime) -> bool:
        """Whether the mail has waited long enough."""
        return self.deferred_at is not None and at - self.deferred_at >= GIVE_UP_AFTER

    def sent(self, message_id: str, at: datetime) -> Self:
        """The mail as SES took it under this id."""
        status = self.status if self.status == "bounced" else "sent"
        return self._now(at, status=status, message_ids=(*self.message_ids, message_id))

    def failed(self, at: datetime) -> Self:
        """The mail as it will not be sent."""
        return self._now(at, status="failed")

    def bounced(self, at: datetime, lost: Iterable[str] = ()) -> Self:
        """The mail after it came back; `lost` are the addresses that it did not reach for good."""
        return self._now(at, status="bounced", lost=tuple(dict.fromkeys((*self.lost, *lost))))

    def erased(self, at: datetime) -> Self:
        """The mail without its addresses and words. One that was not sent yet is not sent any more."""
        nobody = dict.fromkeys(("to", "cc", "bcc", "lost"), ()) | dict.fromkeys(("subject", "message", "retry_at"))
        return self._now(at, status=self.status if self.settled else "failed", erased_at=at, **nobody)

    @property
    def forgets(self) -> bool:
        """Whether the personal data was erased."""
        return self.erased_at is not None

    def _now(self, at: datetime, **fields: Any) -> Self:
        return self.model_copy(update={**fields, "updated_at": at})


class Suppression(Aggregate):
    """An address that mail does not reach, or whose owner complained. Nothing is sent there until it is changed."""

    object: Literal["suppression"] = "suppression"
    invoice_id: str
    reason: Literal["bounce", "complaint"]

    @classmethod
    def of(cls, address: str, invoice_id: str, reason: Literal["bounce", "complaint"], at: datetime) -> Self:
        """The suppression of an address, which is its id."""
        return cls(id=address, invoice_id=invoice_id, reason=reason, created_at=at, updated_at=at)


class Post(NamedTuple):
    """The facts before a mail is sent: suppressed addresses, and the number of mails sent today."""

    suppressed: Collection[str]
    today: int

    def deliverable(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Those of the addresses that may be written to."""
        return tuple(one for one in addresses if one.lower() not in self.suppressed)

    def require(self, to: Collection[str], limit: int) -> None:
        """Refuse what has no recipient, whom mail does not reach, and more than the tenant sends in a day."""
        if not to:
            raise NoRecipient(pointer="/to")
        if not self.deliverable(to):
            raise AddressSuppressed(pointer="/to")
        if self.today >= limit:
            raise EmailLimitReached(f"The tenant's limit of {limit} e-mails a day is reached.")
