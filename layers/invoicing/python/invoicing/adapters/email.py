"""E-mail by SES v2."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS, ClientError, code_of, outcome_unknown
from invoicing.domain.mail import Mail


class Attachment(NamedTuple):
    """A file that goes with a mail."""

    name: str
    content: bytes
    content_type: str


class Refused(Exception):
    """SES will not send this mail, now or later."""


class NotTaken(Exception):
    """SES certainly did not take this mail, and may later."""


_FINAL = {"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"}


def send(mail: Mail, attachments: Sequence[Attachment], *, tags: Mapping[str, str]) -> str:
    """Hand a mail to SES; returns its message id. SES repeats the tags in what it tells about the mail later on.

    Whatever else is raised leaves it open whether SES took it.
    """
    try:
        answer = client("sesv2").send_email(
            FromEmailAddress=mail.sender,
            ReplyToAddresses=[mail.reply_to] if mail.reply_to else [],
            Destination={
                "ToAddresses": list(mail.to),
                "CcAddresses": list(mail.cc),
                "BccAddresses": list(mail.bcc),
            },
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
            EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
        )
    except AWS_FAULTS as error:
        reason = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        if reason in _FINAL:
            raise Refused(reason) from error
        if not outcome_unknown(error):
            raise NotTaken(reason) from error
        raise
    return answer["MessageId"]
