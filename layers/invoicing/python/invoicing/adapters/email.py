"""E-mail by SES v2."""

from collections.abc import Sequence
from typing import NamedTuple

from botocore.exceptions import ClientError

from invoicing import config
from invoicing.adapters.clients import client
from invoicing.domain.mail import Mail


class Attachment(NamedTuple):
    """A file that goes with a mail."""

    name: str
    content: bytes
    content_type: str


class Refused(Exception):
    """SES will not send this mail, now or later."""


_FINAL = {"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"}


def send(mail: Mail, attachments: Sequence[Attachment], *, event_id: str) -> str:
    """Hand a mail to SES; returns its message id. The tag with the event's id leads from delivery events back here."""
    try:
        answer = client("sesv2").send_email(
            FromEmailAddress=mail.sender,
            Destination={"ToAddresses": list(mail.to)},
            Content={
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": mail.text, "Charset": "UTF-8"},
                        "Html": {"Data": mail.html, "Charset": "UTF-8"},
                    },
                    "Attachments": [
                        {
                            "FileName": attachment.name,
                            "RawContent": attachment.content,
                            "ContentType": attachment.content_type,
                            "ContentDisposition": "ATTACHMENT",
                            "ContentTransferEncoding": "BASE64",
                        }
                        for attachment in attachments
                    ],
                }
            },
            ConfigurationSetName=config.setting("EMAIL_CONFIGURATION_SET"),
            EmailTags=[{"Name": "event_id", "Value": event_id}],
        )
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _FINAL:
            raise Refused(code) from error
        raise
    return answer["MessageId"]
