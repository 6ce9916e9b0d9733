"""The steps of a mail: requested, claimed, passed to SES, and recorded with its outcome."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Literal, NamedTuple

from invoicing.aws import email
from invoicing.aws.email import Mail, MailFile
from invoicing.aws.files import read
from invoicing.core.event import Event, Recorded
from invoicing.core.model import values_of
from invoicing.core.stored_file import CONTENT_TYPES, document_name
from invoicing.documents.texts.model import Message
from invoicing.downloads.model import DEFAULT_SECONDS, NewDownloadLink, Target, TokenLink
from invoicing.downloads.workflow import new_link, record_link, store_link, store_link_unrecorded
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.undelivered import BOUNCED as LETTER_BOUNCED
from invoicing.dunning.undelivered import count_skipped, not_delivered
from invoicing.invoice_pages.model import NewPageLink
from invoicing.invoice_pages.workflow import new_page_link
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.events import InvoiceSent
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.mail import table as mails
from invoicing.mail.entries import BOUNCED, DEFERRED, FAILED, SENT, in_timeline
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached
from invoicing.mail.events import LostKind
from invoicing.mail.model import OutgoingMail, Post, Suppression
from invoicing.observability import count
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


class AttemptOutcome(Enum):
    """The outcome of an attempt to send a mail."""

    SETTLED = "settled"
    """It was sent, or it will never be sent."""
    DEFERRED = "deferred"
    """SES did not accept it now, but may accept other mails."""
    CLOSED = "closed"
    """SES accepts no mail of the account now."""


class Composed(NamedTuple):
    """A mail with its files, and the links that its text contains."""

    mail: Mail
    files: list[MailFile]
    links: Sequence[TokenLink] = ()


def attachments(store: Store, invoice: Invoice, outgoing: OutgoingMail) -> list[MailFile]:
    """The document's files that are attached to the mail. Refuses while one is not rendered yet."""
    files = [(kind, invoice.require_file(kind)) for kind in outgoing.kinds]
    return [
        MailFile(
            document_name(invoice.number or invoice.id, kind),
            read(store.tenant_id, file.id, file.sha256 or ""),
            CONTENT_TYPES[kind],
        )
        for kind, file in files
    ]


def link_in(words: Message, store: Store, invoice: Invoice, id_: str) -> NewDownloadLink | None:
    """The link that a mail's text contains, to the document's PDF, with the longest validity of links."""
    if "{link}" not in words.text:
        return None
    invoice.require_file("pdf")
    return new_link(store.session, id_, Target(invoice.id, "pdf"), seconds=DEFAULT_SECONDS)


def page_in(words: Message, store: Store, outgoing: OutgoingMail, id_: str) -> NewPageLink | None:
    """The link that a mail's text contains, to the page of the document."""
    if "{page}" not in words.text:
        return None
    return new_page_link(store.session, id_, outgoing.subject_id, mail_id=outgoing.id)


def deliver(
    store: Store,
    outgoing: OutgoingMail,
    composed: Composed,
    *,
    tenant: Tenant,
    post: Post,
    event_id: str,
) -> AttemptOutcome:
    """Send a claimed mail and record the outcome. A link in its text works from then on.

    Raises if the outcome is unknown or SES could not be reached: the queue delivers it again.
    """
    mail, files, links = composed
    now = store.session.now
    to, cc, bcc = (post.deliverable(addresses) for addresses in (mail.to, mail.cc, mail.bcc))
    suppressed = [one for one in mail.to if one not in to]
    reachable = mail._replace(to=to, cc=cc, bcc=bcc)
    if not reachable.to:
        record_failed(store, outgoing, AddressSuppressed.code if outgoing.to else NoRecipient.code)
        return AttemptOutcome.SETTLED
    if not outgoing.counted:
        try:
            mails.count_mail(store.tenant_id, now, tenant.email_daily_limit)
        except EmailLimitReached as refused:
            record_failed(store, outgoing, refused.code)
            return AttemptOutcome.SETTLED
    claimed = mails.claim(outgoing, store.session, suppressed)
    # Each attempt of a waiting mail has its own links, and the timeline shows those that were sent.
    waited = outgoing.deferred_at is not None
    for link in links:
        # A separate commit, because the mail's own event allows only one commit.
        _with_link(store, store_link_unrecorded if waited else store_link, link)
    names = ("invoice_id", "subscription_id", "customer_id")
    subject = next(name for name, id_ in values_of(outgoing, names).items() if id_)
    about = {subject: outgoing.subject_id, "mail_id": outgoing.id, "event_id": event_id}
    tags = {"tenant_id": store.tenant_id, **about}
    try:
        message_id = email.send(reachable, files, tags=tags)
    except email.Refused as refused:
        record_failed(store, claimed, refused.code, refused.message)
    except email.Deferred as response:
        record_deferred(store, claimed, response)
        return AttemptOutcome.CLOSED if response.concerns_account else AttemptOutcome.DEFERRED
    except email.NotReached:
        mails.release(claimed, store.session)
        raise
    else:
        record_accepted(store, claimed, message_id)
        for link in links if waited else ():
            _with_link(store, record_link, link)
    return AttemptOutcome.SETTLED


def _with_link(store: Store, act: Callable[[Store, TokenLink], object], link: TokenLink) -> None:
    retry_on_conflict(Store(store.session), lambda fresh: act(fresh, link))


def record_failed(store: Store, mail: OutgoingMail, reason: str, message: str | None = None) -> None:
    """Record that a mail will not be sent. Its dunning document, if any, is canceled as undeliverable.

    `message` is the text of SES, if SES refused the mail.
    """
    retry_on_conflict(store, lambda fresh: _record_failed(fresh, mail, reason, message))


def _record_failed(store: Store, mail: OutgoingMail, reason: str, message: str | None) -> None:
    failed = store.get(OutgoingMail, mail.subject_id, mail.id).failed(store.session.now)
    undone = not_delivered(store, mail.document_id, reason) if mail.document_id else ()
    event = FAILED.of(mail, reason=reason, message=message)
    store.record(failed, in_timeline(store, failed, event), *undone)
    count_skipped(undone)


def record_deferred(store: Store, mail: OutgoingMail, response: email.Deferred) -> None:
    """Let a mail wait until SES accepts it. The timeline shows that once. A mail that waited too long fails."""
    now = store.session.now
    if mail.deferred_at is None:
        event = DEFERRED.of(mail, reason=response.code, message=response.message)
        store.record(mail.deferred(now), in_timeline(store, mail, event))
    elif mail.gives_up(now):
        record_failed(store, mail, response.code, response.message)
    else:
        mails.defer(mail, store.session)
        count("DeferredEmails", reason=response.code, message=response.message)


def record_bounce(
    store: Store,
    mail: OutgoingMail,
    addresses: Sequence[str],
    kind: LostKind,
    message_id: str,
    message: str | None = None,
) -> None:
    """Record that a mail bounced. After a permanent bounce, these addresses receive no more mail.

    A dunning document whose mail reached no recipient is canceled as undeliverable. A complaint proves that it arrived.
    """
    event = BOUNCED.of(mail, addresses=tuple(addresses), kind=kind, message_id=message_id, message=message)
    retry_on_conflict(store, lambda fresh: _record_bounce(fresh, mail, addresses, kind, event))


def _record_bounce(store: Store, mail: OutgoingMail, addresses: Sequence[str], kind: LostKind, event: Event) -> None:
    current = store.get(OutgoingMail, mail.subject_id, mail.id)
    _, post = mails.posting(store, addresses)
    gone = () if kind == "transient" else post.deliverable(addresses)
    why: Literal["bounce", "complaint"] = "complaint" if kind == "complaint" else "bounce"
    now = store.session.now
    after = current.bounced(now, addresses if kind == "permanent" else ())
    undone = not_delivered(store, mail.document_id, LETTER_BOUNCED) if mail.document_id and after.reached_nobody else ()
    store.record(
        after,
        in_timeline(store, after, event),
        *(Suppression.of(address.lower(), mail, why, now) for address in dict.fromkeys(gone)),
        *undone,
    )
    count_skipped(undone)


def record_accepted(store: Store, mail: OutgoingMail, message_id: str) -> None:
    """Record in the timeline that SES accepted a mail, once for each of its message ids. The document is sent then."""
    retry_on_conflict(store, lambda fresh: _record_accepted(fresh, mail, message_id))


def _record_accepted(store: Store, mail: OutgoingMail, message_id: str) -> None:
    current = store.get(OutgoingMail, mail.subject_id, mail.id)
    if message_id in current.message_ids:
        return
    now = store.session.now
    sent = current.sent(message_id, now)
    accepted = SENT.of(mail, to=mail.to, message_id=message_id, attempts=max(current.attempts, 1))
    if mail.document_id is not None:
        document = store.get(DunningDocument, mail.document_id).sent(now)
        store.record(document, in_timeline(store, sent, accepted), sent)
        return
    invoice = store.get(InvoiceSummary, mail.subject_id) if mail.brings_document else None
    if invoice is not None and invoice.sent_at is None:
        store.record(Recorded(invoice.sent(now), accepted, InvoiceSent()), sent)
    else:
        store.record(sent, in_timeline(store, sent, accepted))
