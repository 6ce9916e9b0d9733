"""The events that webhook endpoints can subscribe to, by name or by resource.

Work that the service requests from itself is not among them.
"""

from collections.abc import Iterable
from typing import Literal, get_args

EventName = Literal[
    "api_key.created", "api_key.revoked", "api_key.updated", "bank_statement.failed", "bank_statement.imported",
    "bank_transaction.allocated", "bank_transaction.freed", "bank_transaction.ignored", "bank_transaction.received",
    "bank_transaction.reopened", "billing_run.canceled", "billing_run.completed", "billing_run.parked",
    "billing_run.resumed", "billing_run.started", "collection.announced", "customer.created", "customer.deleted",
    "customer.erased", "customer.updated", "customer.vat_id_checked", "document.rendered", "document_form.created",
    "document_form.deleted", "document_form.updated", "dunning.document_canceled", "dunning.document_created",
    "dunning.set", "dunning.skipped", "dunning_rule.created", "dunning_rule.deleted", "dunning_rule.updated",
    "email.bounced", "email.deferred", "email.failed", "email.sent", "invoice.canceled", "invoice.closed",
    "invoice.comment_deleted", "invoice.comment_updated", "invoice.commented", "invoice.created",
    "invoice.credit_voided", "invoice.credited", "invoice.deleted", "invoice.deposit_deducted",
    "invoice.deposit_released", "invoice.downloaded", "invoice.file_available", "invoice.file_quarantined",
    "invoice.file_rejected", "invoice.finalized", "invoice.link_created", "invoice.link_revoked",
    "invoice.note_added", "invoice.note_deleted", "invoice.note_updated", "invoice.overdue", "invoice.paid",
    "invoice.payment_deleted", "invoice.payment_recorded", "invoice.posted", "invoice.reactivated", "invoice.sent",
    "invoice.updated", "invoice.viewed", "order.canceled", "order.created", "order.deleted", "order.freed",
    "order.invoiced", "order.updated", "page_link.created", "page_link.revoked", "payment_method.blocked",
    "payment_method.created", "payment_method.expired", "payment_method.revoked", "payment_method.updated",
    "payment_method.used", "price.updated", "price.version_added", "product.archived", "product.created",
    "product.deleted", "product.updated",
    "sepa_file.canceled", "sepa_file.created", "sepa_file.downloaded", "sepa_file.link_created",
    "sepa_file.link_revoked", "sepa_file.settled", "sepa_file.uploaded", "sepa_file.written",
    "statement.bounced", "statement.deferred", "statement.failed", "statement.sent", "subscription.activated",
    "subscription.attention", "subscription.cancellation_revoked", "subscription.cancellation_scheduled",
    "subscription.change_scheduled", "subscription.changed", "subscription.created", "subscription.email_bounced",
    "subscription.email_deferred", "subscription.email_failed", "subscription.email_sent", "subscription.ended",
    "subscription.paused", "subscription.period_billed", "subscription.period_released",
    "subscription.period_skipped", "subscription.price_changing", "subscription.renewed", "subscription.resumed",
    "subscription.trial_ending", "subscription.upcoming", "subscription.updated", "tenant.updated",
    "transaction.failed", "transaction.refunded", "transaction.returned", "transaction.succeeded", "user.created",
    "user.deleted", "user.updated", "webhook.disabled", "webhook.email_bounced", "webhook.email_deferred",
    "webhook.email_failed", "webhook.email_sent", "webhook_endpoint.created", "webhook_endpoint.deleted",
    "webhook_endpoint.secret_rotated", "webhook_endpoint.updated",
]  # fmt: skip
"""Name of an event."""
ResourcePattern = Literal[
    "*",
    "api_key.*", "bank_statement.*", "bank_transaction.*", "billing_run.*", "collection.*", "customer.*", "document.*",
    "document_form.*", "dunning.*", "dunning_rule.*", "email.*", "invoice.*", "order.*", "page_link.*",
    "payment_method.*", "price.*", "product.*", "sepa_file.*", "statement.*", "subscription.*", "tenant.*",
    "transaction.*", "user.*",
    "webhook.*", "webhook_endpoint.*",
]  # fmt: skip
"""All events, or all about one kind of resource."""
EventPattern = Literal[EventName, ResourcePattern]
"""Name of an event, `<resource>.*` for all about one kind of object, or `*` for all."""
SUBSCRIBABLE: frozenset[str] = frozenset(get_args(EventName))


def subscribes(patterns: Iterable[str], event: str) -> bool:
    """Whether an event is among those that the patterns name."""
    if event not in SUBSCRIBABLE:
        return False
    return any(one in ("*", event) or (one.endswith(".*") and event.startswith(one[:-1])) for one in patterns)
