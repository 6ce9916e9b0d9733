"""PUT /subscriptions/{subscription_id}/cancellation"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import SubscriptionId
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.legal_content import LegalContentMissing
from invoicing.issuing.refusals import OF_AGREED_PRICES, OF_ITS_ISSUE, OF_ITS_MAIL, OF_ITS_TOTAL
from invoicing.mail.confirming import with_confirmation
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached
from invoicing.mail.model import OutgoingMail
from invoicing.subscriptions.canceling import canceled
from invoicing.subscriptions.changing.workflow import commit_end, days_after_end
from invoicing.subscriptions.errors import OF_A_CHANGE, OF_A_CREDIT, TermHasNoEnd
from invoicing.subscriptions.events import CancellationScheduled, status_events
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import SetCancellation
from invoicing.tenants.table import moment_of


@endpoint(
    "PUT",
    "/subscriptions/{subscription_id}/cancellation",
    scope="subscription:write",
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[
        *OF_A_CHANGE,
        *OF_ITS_TOTAL,
        *OF_AGREED_PRICES,
        *OF_ITS_ISSUE,
        *OF_A_CREDIT,
        LegalContentMissing,
        *OF_ITS_MAIL,
        TermHasNoEnd,
        AddressSuppressed,
        EmailLimitReached,
    ],
)
def handler(subscription_id: SubscriptionId, body: SetCancellation, request: Request) -> Subscription:
    """Cancel a subscription at its earliest end or another day.

    Periods after its last day are not billed, and a period that contains it is billed up to this day. Days that are
    billed already stay billed, unless `refund` credits them when the subscription ends. Items and scheduled changes
    that begin after its last day have no effect, unless the cancellation is revoked or replaced. With `confirm`, the
    customer gets an e-mail with the last day, unless the cancellation is revoked or replaced before it is sent.
    """
    subscription = request.store.get(Subscription, subscription_id)
    after = canceled(subscription, body, moment_of(request.store))
    recorded = Recorded(after, CancellationScheduled(), *status_events(subscription, after))
    mails: list[OutgoingMail] = []
    if body.confirm:
        recorded, mail = with_confirmation(request.store, recorded, request.new_id("mail"))
        mails = [mail]
    if body.dry_run:
        shown = after.model_copy(update={"billed_after_end": days_after_end(request.store, after)})
        return request.store.answer(shown)
    return commit_end(request.store, subscription, recorded, *mails)
