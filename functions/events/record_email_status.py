"""SES events about an e-mail → the e-mail's status"""

from invoicing.aws.grants import Grant
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.mail.aws_events import EmailEvent
from invoicing.mail.model import OutgoingMail
from invoicing.mail.workflow import record_accepted, record_bounce, record_failed


@aws_event(
    "Email Sent",
    "Email Delivered",
    "Email Bounced",
    "Email Complaint Received",
    "Email Rejected",
    source="aws.ses",
    detail=EmailEvent,
    grants=[Grant.READ, Grant.COMMIT],
)
def handler(event: EmailEvent, request: Request) -> None:
    """Record the delivery status of an e-mail.

    Accepted, rejected, bounced, or marked as spam.
    """
    mail = request.store.get(OutgoingMail, event.subject_id, event.mail_id)
    if event.reject is not None:
        record_failed(request.store, mail, event.reject.reason)
    elif event.lost:
        record_bounce(request.store, mail, event.lost, event.how, event.mail.message_id, event.message)
    else:
        record_accepted(request.store, mail, event.mail.message_id)
