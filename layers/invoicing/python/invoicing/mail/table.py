"""How mails are stored. A mail is claimed before it is sent; a claim leaves no entry in a timeline."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, condition_failed, rejected_item
from invoicing.core.errors import ConcurrentModification
from invoicing.core.model import instant_text
from invoicing.customers.table import customer_key
from invoicing.downloads.table import link_writes
from invoicing.invoices.table import invoice_key
from invoicing.mail.errors import EmailLimitReached, MailNotFound
from invoicing.mail.keys import suppressed as suppressed_key
from invoicing.mail.model import OutgoingMail, Post, SealedLink, Suppression
from invoicing.store import keys
from invoicing.store.commit import next_item
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.reading import items_at, items_beginning, items_of
from invoicing.store.rows.items import listed, model_of, text
from invoicing.store.rows.revisions import Row, revised
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import replace, transact
from invoicing.subscriptions.table import subscription_key
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import settings_key
from invoicing.webhooks.delivery import KEPT
from invoicing.webhooks.table import deliveries_key

_COUNTED = timedelta(days=31)
_MAIL = "MAIL#"
DEFERRED_MAILS = IndexPartition("GSI7", "MAILS")
"""Mails that SES did not accept, by the time of the next attempt. Usually few; many if its quota is used up."""


class MailTable(Table[OutgoingMail]):
    """The partition of its subject, SK `MAIL#<mail>`. It is claimed before it is sent.

    Mails about webhook endpoints are deleted after 30 days, as the deliveries.
    """

    kind = OutgoingMail
    ids = ("subject_id", "id")
    missing = MailNotFound

    def key(self, tenant: str, *ids: str) -> Key:
        """The key, from the id of its subject and the mail's own."""
        subject_id, id_ = ids
        return _subject_key(tenant, subject_id).at(_MAIL + id_)

    def text(self, thing: OutgoingMail) -> str:
        """Its JSON."""
        return thing.model_dump_json(exclude_defaults=True)

    def attributes(self, thing: OutgoingMail, tenant: str) -> Item:  # noqa: ARG002 — the list is of all tenants
        """The list of mails that wait for their next attempt."""
        waits = listed((DEFERRED_MAILS if thing.waits else None, f"{text(thing.retry_at)}#{thing.id}"))
        if thing.endpoint_id is None:
            return waits
        return waits | {keys.PURGE_AT: {"N": str(int((thing.created_at + KEPT).timestamp()))}}


class SuppressionTable(Table[Suppression]):
    """`T#<tenant>#SUPPRESSED#<address>`, SK `#`."""

    kind = Suppression

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of the record about an address."""
        return suppressed_key(tenant, "".join(ids))


def _subject_key(tenant: str, subject_id: str) -> Key:
    """The key of the document, subscription, customer or webhook endpoint that a mail is about."""
    keyed_by = {"sub": subscription_key, "cus": customer_key, "whe": deliveries_key}
    return keyed_by.get(subject_id.partition("_")[0], invoice_key)(tenant, subject_id)


def mail_ids(store: Store, subject_id: str) -> list[str]:
    """The ids of all mails about a document, a subscription, a customer or a webhook endpoint."""
    rows = items_beginning(_subject_key(store.tenant_id, subject_id), _MAIL)
    return [Key.of(row).sort.removeprefix(_MAIL) for row in rows]


def _mails_of_day(tenant: str, day: str) -> Key:
    """The number of mails that a tenant sent on a day, in UTC."""
    return keys.of(tenant, "MAILS", day)


class DeferredMail(NamedTuple):
    """The key of a mail that waits for SES."""

    tenant_id: str
    subject_id: str
    mail_id: str


def posting(store: Store, addresses: Iterable[str]) -> tuple[Tenant, Post]:
    """The company, and the facts that it needs before it mails to these addresses."""
    ours = settings_key(store.tenant_id)
    today = _mails_of_day(store.tenant_id, store.session.now.date().isoformat())
    asked = {suppressed_key(store.tenant_id, one): one.lower() for one in addresses}
    found = items_at([ours, today, *asked])
    if ours not in found:
        raise TenantNotFound
    counted = int(found[today]["mails"]["N"]) if today in found else 0
    return model_of(Tenant, found[ours]), Post({one for key, one in asked.items() if key in found}, counted)


def claim(
    mail: OutgoingMail, session: Session, suppressed: Iterable[str] = (), links: Sequence[SealedLink] = ()
) -> OutgoingMail:
    """Claim a mail for sending. Refused while an earlier attempt is open, or if another one began meanwhile.

    The new links in its text are stored in the same transaction. The timeline shows them once SES accepts the mail.
    """
    claimed = mail.claimed(session.now, suppressed, links)
    if not links:
        return _written(claimed, session)
    session.require_newest(claimed)
    item, row = next_item(claimed, session), _row_of(claimed, session)
    stored = chain.from_iterable(link_writes(one.link, session) for one in links)
    transact([replace(item, row), *stored], on_timeout=ConcurrentModification(), until=session.until)
    session.read(claimed, revised(item, row))
    return claimed


def release(mail: OutgoingMail, session: Session) -> None:
    """Release a mail that SES certainly did not accept. It may be sent at once."""
    _written(mail.released(session.now), session)


def defer(mail: OutgoingMail, session: Session) -> None:
    """Let a mail that has waited already wait for its next attempt."""
    _written(mail.deferred(session.now), session)


def deferred(now: datetime) -> Iterator[DeferredMail]:
    """The mails whose next attempt has come, the longest due first."""
    place = DEFERRED_MAILS
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": place.index,
        "KeyConditionExpression": "GSI7PK = :mails AND GSI7SK < :now",
        "ExpressionAttributeValues": {":mails": {"S": place.partition}, ":now": {"S": instant_text(now)}},
        "Limit": 100,
    }
    for found in items_of(asked):
        _, tenant_id, _, subject_id = found["PK"]["S"].split("#")
        yield DeferredMail(tenant_id, subject_id, found["SK"]["S"].removeprefix(_MAIL))


def erase(mail: OutgoingMail, session: Session) -> None:
    """Erase addresses and texts of a mail, and the records about these addresses."""
    _written(mail.erased(session.now), session)
    for address in sorted({one.lower() for one in (*mail.to, *mail.cc, *mail.bcc)}):
        key = suppressed_key(session.caller.tenant_id, address)
        client("dynamodb").delete_item(TableName=config.setting("TABLE_NAME"), Key=key.address)


def count_mail(tenant: str, now: datetime, limit: int) -> None:
    """Count a mail before it is sent. Refuses more than the tenant's daily limit. A crash may count one twice."""
    key = _mails_of_day(tenant, now.date().isoformat())
    try:
        client("dynamodb").update_item(
            TableName=config.setting("TABLE_NAME"),
            Key=key.address,
            UpdateExpression=f"ADD mails :one SET {keys.PURGE_AT} = :purge_at",
            ConditionExpression="attribute_not_exists(mails) OR mails < :limit",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":limit": {"N": str(limit)},
                ":purge_at": {"N": str(int((now + _COUNTED).timestamp()))},
            },
        )
    except ClientError as error:
        if condition_failed(error):
            raise EmailLimitReached from None
        raise


def _row_of(mail: OutgoingMail, session: Session) -> Row:
    row = session.row_of(mail)
    if row is None:
        raise AssertionError("a mail is stored before it is sent")
    return row


def _written(mail: OutgoingMail, session: Session) -> OutgoingMail:
    session.require_newest(mail)
    row = _row_of(mail, session)
    item = revised(next_item(mail, session) | {"token": {"S": secrets.token_hex(8)}}, row)
    try:
        client("dynamodb").put_item(
            TableName=config.setting("TABLE_NAME"),
            Item=item,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **row.unchanged(),
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        # If the response to an earlier attempt was lost, the existing item is our own.
        if (rejected_item(error) or {}).get("token") != item["token"]:
            raise ConcurrentModification from None
    session.read(mail, item)
    return mail
