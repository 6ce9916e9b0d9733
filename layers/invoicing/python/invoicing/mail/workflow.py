"""The steps of a mail: requested, claimed, passed to SES, and recorded with its outcome."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Literal, NamedTuple

from invoicing.aws import email
from invoicing.aws.email import Mail, MailFile
from invoicing.aws.envelopes import SecretOwner, seal, unseal
from invoicing.aws.files import read
from invoicing.core.event import Event, Recorded
from invoicing.core.model import values_of
from invoicing.core.stored_file import CONTENT_TYPES, document_name
from invoicing.documents.texts.model import Message
from invoicing.downloads.model import DEFAULT_SECONDS, NewDownloadLink, Target
from invoicing.downloads.workflow import new_link, new_token
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.undelivered import BOUNCED as LETTER_BOUNCED
from invoicing.dunning.undelivered import count_skipped, not_delivered
from invoicing.invoice_pages.model import NewPageLink
from invoicing.invoice_pages.workflow import linked
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.events import InvoiceSent
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.mail import table as mails
from invoicing.mail.entries import BOUNCED, DEFERRED, FAILED, SENT, in_timeline
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached
from invoicing.mail.events import LostKind
from invoicing.mail.model import OutgoingMail, Post, SealedLink, Suppression
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


NewLink = NewDownloadLink | NewPageLink


class Composed(NamedTuple):
    """A mail with its files, and the links that its text contains."""

    mail: Mail
    files: list[MailFile]
    links: Sequence[NewLink] = ()


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


def link_in(words: Message, store: Store, invoice: Invoice, outgoing: OutgoingMail, id_: str) -> NewDownloadLink | None:
    """The link that a mail's text contains, to the document's PDF, with the longest validity of links."""
    if "{link}" not in words.text:
        return None
    invoice.require_file("pdf")
    target = Target(invoice.id, "pdf")

    def build(one: str, token: str) -> NewDownloadLink:
        return new_link(store.session, one, target, seconds=DEFAULT_SECONDS, token=token)

    return _same(store, outgoing, "pdf", id_, build)


def page_in(words: Message, store: Store, outgoing: OutgoingMail, id_: str) -> NewPageLink | None:
    """The link that a mail's text contains, to the page of the document."""
    if "{page}" not in words.text:
        return None
    link = _same(store, outgoing, None, id_, lambda one, token: linked(store.session, one, outgoing.subject_id, token))
    return link.model_copy(update={"mail_id": outgoing.id})


def _same[L: (NewDownloadLink, NewPageLink)](
    store: Store, outgoing: OutgoingMail, file: str | None, id_: str, build: Callable[[str, str], L]
) -> L:
    """The link to a file or to the page: that of an earlier attempt, else a new one with this id."""
    earlier = next((one for one in outgoing.links if one.file == file), None)
    if earlier is None:
        return build(id_, new_token())
    token = unseal(earlier.token, SecretOwner(store.tenant_id, outgoing.id)).decode()
    return build(earlier.id, token).model_copy(update={"expires_at": earlier.expires_at})


def _new_links(store: Store, outgoing: OutgoingMail, links: Iterable[NewLink]) -> list[SealedLink]:
    """The links that no earlier attempt had, with their encrypted tokens."""
    known, owner = {one.id for one in outgoing.links}, SecretOwner(store.tenant_id, outgoing.id)
    return [SealedLink(one, seal(one.token.encode(), owner)) for one in links if one.id not in known]


def deliver(
    store: Store,
    outgoing: OutgoingMail,
    composed: Composed,
    *,
    tenant: Tenant,
    post: Post,
    event_id: str,
) -> AttemptOutcome:
    """Claim a mail, send it and record the outcome. The links in its text work from the claim on.

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
    claimed = mails.claim(outgoing, store.session, suppressed, _new_links(store, outgoing, links))
    names = ("invoice_id", "subscription_id", "customer_id", "endpoint_id")
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
    return AttemptOutcome.SETTLED


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
        retry_on_conflict(store, lambda fresh: _record_first_deferral(fresh, mail, response))
    elif mail.gives_up(now):
        record_failed(store, mail, response.code, response.message)
    else:
        mails.defer(mail, store.session)
        count("DeferredEmails", reason=response.code, message=response.message)


def _record_first_deferral(store: Store, mail: OutgoingMail, response: email.Deferred) -> None:
    # The row is read again, because its claim added links to it.
    current = store.get(OutgoingMail, mail.subject_id, mail.id)
    event = DEFERRED.of(current, reason=response.code, message=response.message)
    store.record(current.deferred(store.session.now), in_timeline(store, current, event))


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
    events = [*(link.creation for link in current.links), accepted]
    if mail.document_id is not None:
        document = store.get(DunningDocument, mail.document_id).sent(now)
        store.record(document, in_timeline(store, sent, *events), sent)
        return
    invoice = store.get(InvoiceSummary, mail.subject_id) if mail.brings_document else None
    if invoice is not None and invoice.sent_at is None:
        store.record(Recorded(invoice.sent(now), *events, InvoiceSent()), sent)
    else:
        store.record(sent, in_timeline(store, sent, *events))
