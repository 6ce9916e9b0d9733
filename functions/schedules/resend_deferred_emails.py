"""Every five minutes"""

from datetime import datetime

from invoicing.adapters.dynamodb.mails import deferred
from invoicing.api.grants import Grant
from invoicing.api.schedule import schedule
from invoicing.workflows.requested_mail import resend_deferred
from invoicing.workflows.time_limit import within

TIMEOUT = 240
# The last mail before the limit may take a minute.
WORKING = TIMEOUT - 60


@schedule(
    "rate(5 minutes)",
    grants=[
        Grant.READ,
        Grant.COMMIT,
        Grant.READ_FILES,
        Grant.SEND_EMAIL,
        Grant.LINK,
        Grant.REACH_LINKS,
        Grant.REACH_DEFERRED_MAILS,
    ],
    timeout=TIMEOUT,
)
def handler(now: datetime) -> None:
    """Send the e-mails that SES did not accept, until SES shows that it still accepts none."""
    resend_deferred(within(WORKING, deferred(now)), now)
