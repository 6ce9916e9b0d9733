"""E-mail by SES v2."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import (
    AWS_FAULTS,
    ClientError,
    code_of,
    mail_invalid,
    message_of,
    outcome_unknown,
    sending_stopped,
)
from invoicing.core.email_address import MOST_MAIL_BYTES, mail_bytes

_MAX_MESSAGE = 500


class Mail(NamedTuple):
    """A mail, ready to be sent."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None


class MailFile(NamedTuple):
    """A file that is attached to a mail."""

    name: str
    content: bytes
    content_type: str


class NotAccepted(Exception):
    """SES refused a mail: `code` names the reason, `message` is the text of SES."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message[:_MAX_MESSAGE] if message else None


class Refused(NotAccepted):
    """SES will not send this mail, now or later."""


class Deferred(NotAccepted):
    """SES does not accept the mail now: quota or rate exceeded, account paused, or permission missing."""

    @property
    def concerns_account(self) -> bool:
        """Whether SES refuses all other mails of the account too, until it restores its quota or permission."""
        return sending_stopped(self.code) or "quota" in (self.message or "").lower()


class NotReached(Exception):
    """SES could not be reached, so it has not accepted this mail."""


def encoded_bytes(mail: Mail, attachments: Sequence[MailFile]) -> int:
    """The size of a mail as it is sent."""
    parts = [mail.text.encode(), mail.html.encode(), *(one.content for one in attachments)]
    return mail_bytes(len(part) for part in parts)


def send(mail: Mail, attachments: Sequence[MailFile], *, tags: Mapping[str, str]) -> str:
    """Send a mail through SES; returns its message id. SES repeats the tags in its later events about the mail.

    A mail that is too large for SES is refused without being sent. After any other error it is unknown whether SES
    accepted the mail.
    """
    size = encoded_bytes(mail, attachments)
    if size > MOST_MAIL_BYTES:
        raise Refused(
            "MessageTooLarge", f"The message with its attachments has {size:,} bytes, SES takes {MOST_MAIL_BYTES:,}."
        )
    try:
        response = client("sesv2").send_email(
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
        if isinstance(error, ClientError) and mail_invalid(error):
            raise Refused(code_of(error), message_of(error)) from error
        if outcome_unknown(error):
            raise
        if isinstance(error, ClientError):
            raise Deferred(code_of(error), message_of(error)) from error
        raise NotReached(type(error).__name__) from error
    return response["MessageId"]
