"""Every five minutes"""

from datetime import datetime

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import within
from invoicing.consumers.schedule import schedule
from invoicing.http.declaration import Layer
from invoicing.mail.requested import resend_deferred
from invoicing.mail.table import deferred

TIMEOUT = 240
# The last e-mail before the limit may take a minute.
WORKING = TIMEOUT - 60


@schedule(
    "rate(5 minutes)",
    grants=[
        Grant.READ,
        Grant.COMMIT,
        Grant.READ_FILES,
        Grant.SEND_EMAIL,
        Grant.SEAL_SECRETS,
        Grant.OPEN_SECRETS,
        Grant.READ_BASE_URL,
        Grant.REACH_LINKS,
        Grant.REACH_PAGES,
        Grant.REACH_DEFERRED_MAILS,
    ],
    layers=[Layer.TEXTS],
    timeout=TIMEOUT,
)
def handler(now: datetime) -> None:
    """Retry the e-mails that SES did not accept; stop if SES still accepts none."""
    resend_deferred(within(WORKING, deferred(now)), now)
