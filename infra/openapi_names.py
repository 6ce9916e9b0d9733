"""The names of the schemas in the OpenAPI document.

A schema is named after the object; `…Create` and `…Update` are the bodies that create and change one. `…Fields` is an
object as requests contain it, if responses have it with other required fields. A class `New…` or `…Data` is a body that
creates an object, so it is listed only if it is something else.
"""

import re
from collections.abc import Iterable

NAMES = {
    "AddComment": "CommentCreate",
    "AddLines": "LinesCreate",
    "AddNote": "NoteCreate",
    "Anchor": "SubscriptionAnchor",
    "AnnounceFile": "UploadCreate",
    "AnnounceStatement": "StatementUploadCreate",
    "ApiKeyData": "ApiKeyUpdate",
    "Brake": "BillingRunBrake",
    "BrakeData": "BillingRunBrakeUpdate",
    "BrokenRule": "BillingRunBrokenRule",
    "Calculate": "CalculationCreate",
    "CancelDunningDocument": "DunningDocumentCancel",
    "CancelInvoice": "InvoiceCancel",
    "CancelSepaFile": "SepaFileCancel",
    "Cancellation": "SubscriptionCancellation",
    "Card": "PaymentCard",
    "ChangedLine": "LineUpsert",
    "ChangeAmounts": "SubscriptionChangeAmounts",
    "ChangeResult": "SubscriptionChangeResult",
    "ChangedItem": "SubscriptionChangedItem",
    "Charge": "DunningCharge",
    "CloseInvoice": "InvoiceClose",
    "CommentData": "CommentUpdate",
    "CountedOccurrences": "SubscriptionOccurrencesDone",
    "CreateApiKey": "ApiKeyCreate",
    "CreateDownloadLink": "DownloadLinkCreate",
    "CreateSepaFile": "SepaFileCreate",
    "CreateSepaFileLink": "SepaFileLinkCreate",
    "CreatePageLink": "PageLinkCreate",
    "CreditData": "CreditNoteCreate",
    "CreditedPart": "CreditNoteLineCreate",
    "DateRange": "BillingRunDates",
    "DecidePeriod": "SubscriptionPeriodDecision",
    "DraftFilter": "BillingRunFilter",
    "Explained": "ExplainedAmount",
    "FinalizeInvoice": "InvoiceFinalize",
    "Gap": "NumberGap",
    "GapReport": "NumberGapReport",
    "Interest": "DunningInterest",
    "InvoiceOrder": "OrderInvoiceCreate",
    "EarlierAnchor": "SubscriptionEarlierAnchor",
    "EarlierTerms": "SubscriptionItemEarlier",
    "Item": "SubscriptionItem",
    "ItemChange": "SubscriptionItemChange",
    "LinkLife": "DownloadLinkLifetime",
    "NewApiKey": "ApiKeyWithSecret",
    "NewDownloadLink": "DownloadLinkWithUrl",
    "NewPageLink": "PageLinkWithUrl",
    "NewChange": "SubscriptionChangeCreate",
    "NewItem": "SubscriptionItemCreate",
    "NewSepaFile": "SepaFileWithDebits",
    "NewSepaFileLink": "SepaFileLinkWithUrl",
    "NewWebhookEndpoint": "WebhookEndpointWithSecret",
    "RotateSecret": "WebhookSecretRotate",
    "AcknowledgeDeliveries": "WebhookAcknowledgementCreate",
    "AcknowledgedDeliveries": "WebhookAcknowledgement",
    "DeliveredEvent": "WebhookEvent",
    "ReplayDeliveries": "WebhookReplayCreate",
    "ReplayedDeliveries": "WebhookReplay",
    "UpdatePaymentMethod": "CustomerPaymentMethodUpdate",
    "UpdateWebhookEndpoint": "WebhookEndpointUpdate",
    "NewPaymentMethod": "CustomerPaymentMethodCreate",
    "NewVersion": "PriceVersionCreate",
    "NextPeriod": "SubscriptionNextPeriod",
    "NextStep": "DunningNextLevel",
    "Notice": "SubscriptionNotice",
    "NumberRange": "BillingRunNumbers",
    "Occurrences": "SubscriptionOccurrences",
    "Paid": "LastPayment",
    "PaymentMethod": "CustomerPaymentMethod",
    "PeriodItem": "SubscriptionPeriodItem",
    "PriceData": "PriceUpdate",
    "PriceLine": "PriceLineCreate",
    "PutNote": "NoteUpdate",
    "ReachingInvoice": "DunningRunInvoice",
    "RecordPayment": "PaymentCreate",
    "Reference": "UserReference",
    "Renewal": "SubscriptionRenewal",
    "RequestedChange": "InvoiceUpdate",
    "RequestedInvoice": "InvoiceCreate",
    "RequestedOrder": "OrderCreate",
    "RequestedOrderChange": "OrderUpdate",
    "ResumeBillingRun": "BillingRunResume",
    "Role": "UserRole",
    "RunCounts": "BillingRunCounts",
    "RunResult": "BillingRunResult",
    "RunTotals": "BillingRunSums",
    "SendInvoice": "InvoiceSend",
    "SetCancellation": "SubscriptionCancellationUpdate",
    "SetClock": "TestClockUpdate",
    "SetLetterhead": "LetterheadUpdate",
    "SetLogo": "LogoUpdate",
    "SetNote": "InvoiceTextsUpdate",
    "SetPaymentMethod": "PaymentMethodUpdate",
    "SetStatus": "InvoiceStatusUpdate",
    "SetTransactionStatus": "BankTransactionStatusUpdate",
    "SkippedInvoice": "DunningRunSkippedInvoice",
    "ShareData": "Share",
    "SmallerQuantity": "SubscriptionPeriodItemReduction",
    "StartBillingRun": "BillingRunCreate",
    "StartDunningRun": "DunningRunCreate",
    "Status": "DocumentStatus",
    "StoredFile": "DocumentFile",
    "SubscriptionSettings": "SubscriptionUpdate",
    "TenantClock": "TestClock",
    "TenantData": "TenantUpdate",
    "Texts": "SubscriptionTexts",
    "Track": "SubscriptionTrack",
    "WholeSepaFile": "SepaFileWithTransactions",
}
"""The public name of each other model whose class has another one."""
_BODY = re.compile(r"^(?:New([A-Z]\w+)|(\w+)Data)$")


def schema_names(generated: Iterable[str]) -> dict[str, str]:
    """The public name of each schema, by the name that pydantic generates (`Page_Invoice_`, `Address-Input`)."""
    names = {name: _public(name) for name in generated}
    if len(set(names.values())) < len(names):
        raise ValueError(f"two schemas have the same name: {sorted(names.values())}")
    return names


def update_name(name: str) -> str:
    """The name of the merge patch for a schema."""
    return re.sub("Create$", "Update", name)


def _public(generated: str) -> str:
    if page := re.fullmatch(r"(?:Counted)?Page_(\w+)_", generated):
        return f"{_public(page.group(1))}Page"
    name, _, mode = generated.partition("-")
    return (NAMES.get(name) or _BODY.sub(r"\1\2Create", name)) + ("Fields" if mode == "Input" else "")
