"""SES events about an e-mail → the e-mail's status"""

from invoicing.aws.grants import Grant
from invoicing.consumers.aws_events import aws_event
from invoicing.http.request import Request
from invoicing.mail.aws_events import MailNotice
from invoicing.mail.model import OutgoingMail
from invoicing.mail.workflow import note_failed, note_lost, note_sent


@aws_event(
    "Email Sent",
    "Email Delivered",
    "Email Bounced",
    "Email Complaint Received",
    "Email Rejected",
    source="aws.ses",
    detail=MailNotice,
    grants=[Grant.READ, Grant.COMMIT],
)
def handler(told: MailNotice, request: Request) -> None:
    """Record the delivery status of an e-mail.

    Accepted, rejected, bounced or complained.
    """
    mail = request.store.get(OutgoingMail, told.invoice_id, told.mail_id)
    if told.reject is not None:
        note_failed(request.store, mail, told.reject.reason)
    elif told.lost:
        note_lost(request.store, mail, told.lost, told.how, told.mail.message_id, told.message)
    else:
        note_sent(request.store, mail, told.mail.message_id)
