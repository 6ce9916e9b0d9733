"""The local mailbox: every e-mail that the functions sent, with its attachments, which ministack does not keep."""

import base64
import email
import email.policy
import hashlib
import html
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from infra.local.asgi import Application, Message, Receive, Scope, Send, header, response, whole_body

SEND_EMAIL = "/v2/email/outbound-emails"


@dataclass(frozen=True)
class Attachment:
    """A file in an e-mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """An e-mail as SES accepted it."""

    id: str
    sent_at: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


@dataclass
class Mailbox:
    """The e-mails of one run of the stack, oldest first."""

    mails: list[Mail] = field(default_factory=list)

    def listening(self, aws: Application) -> Application:
        """The same AWS, keeping a copy of each e-mail that SES accepts."""

        async def listen(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != SEND_EMAIL:
                await aws(scope, receive, send)
                return
            request = await whole_body(receive)
            replies: list[Message] = []

            async def once() -> Message:
                return {"type": "http.request", "body": request, "more_body": False}

            async def keep(message: Message) -> None:
                replies.append(message)
                await send(message)

            await aws(scope, once, keep)
            if replies[0]["status"] == 200:
                reply = json.loads(b"".join(message.get("body", b"") for message in replies))
                self.mails.append(_mail(reply["MessageId"], json.loads(request)))

        return listen

    async def show(self, scope: Scope, send: Send) -> None:
        """`/mailbox` for people, the same as JSON for programs, `/mailbox/<mail>/<n>` for an attachment."""
        parts = scope["path"].removeprefix("/mailbox").strip("/").split("/")
        if parts == [""] and "application/json" in header(scope, b"accept"):
            await response(
                send, json.dumps({"data": [_entry(mail) for mail in self.mails]}).encode(), "application/json"
            )
        elif parts == [""]:
            await response(send, _page(self.mails).encode(), "text/html; charset=utf-8")
        else:
            await self._download(parts, send)

    async def _download(self, parts: list[str], send: Send) -> None:
        found = [
            attachment
            for mail in self.mails
            for index, attachment in enumerate(mail.attachments)
            if parts == [mail.id, str(index)]
        ]
        if not found:
            await response(send, b"There is no such attachment.", "text/plain", status=404)
            return
        disposition = f"attachment; filename*=UTF-8''{quote(found[0].name, safe='')}"
        await response(
            send, found[0].content, "application/octet-stream", headers=(("content-disposition", disposition),)
        )


def _mail(message_id: str, request: dict[str, Any]) -> Mail:
    """The mail of a request to SES v2, simple or as raw MIME."""
    destination = request.get("Destination", {})
    content = request["Content"]
    if "Raw" in content:
        raw = email.message_from_bytes(base64.b64decode(content["Raw"]["Data"]), policy=email.policy.default)
        subject, text, markup = str(raw["Subject"] or ""), _raw_text(raw, "plain"), _raw_text(raw, "html")
        attachments = tuple(_raw_attachment(part) for part in raw.iter_attachments())
    else:
        simple = content["Simple"]
        subject = simple["Subject"]["Data"]
        text = simple["Body"].get("Text", {}).get("Data", "")
        markup = simple["Body"].get("Html", {}).get("Data", "")
        attachments = tuple(_attachment(part) for part in simple.get("Attachments", ()))
    return Mail(
        id=message_id,
        sent_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sender=request.get("FromEmailAddress", ""),
        to=tuple(destination.get("ToAddresses", ())),
        cc=tuple(destination.get("CcAddresses", ())),
        bcc=tuple(destination.get("BccAddresses", ())),
        reply_to=tuple(request.get("ReplyToAddresses", ())),
        subject=subject,
        text=text,
        html=markup,
        attachments=attachments,
    )


def _raw_text(raw: EmailMessage, kind: str) -> str:
    part = raw.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _raw_attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        part.get_filename() or "attachment",
        part.get_content_type(),
        content if isinstance(content, bytes) else part.as_bytes(),
    )


def _attachment(part: dict[str, str]) -> Attachment:
    return Attachment(
        part["FileName"], part.get("ContentType", "application/octet-stream"), base64.b64decode(part["RawContent"])
    )


def _entry(mail: Mail) -> dict[str, Any]:
    attachments = [
        {
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size": len(attachment.content),
            "sha256": hashlib.sha256(attachment.content).hexdigest(),
            "url": _link(mail, index),
        }
        for index, attachment in enumerate(mail.attachments)
    ]
    return {**vars(mail), "attachments": attachments}


def _link(mail: Mail, index: int) -> str:
    return f"/mailbox/{quote(mail.id)}/{index}"


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #ccc;padding:1rem 0}h2{margin:0;font-size:1.1rem}"
    "p{margin:.2rem 0;color:#555}pre{white-space:pre-wrap;font:inherit;color:#111}"
    "iframe{width:100%;height:16rem;border:1px solid #ccc}"
)


def _page(mails: list[Mail]) -> str:
    entries = "".join(_article(mail) for mail in reversed(mails)) or "<p>No e-mail has been sent yet.</p>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailbox</title><style>{_STYLE}</style>'
        f"<h1>Mailbox</h1>{entries}</html>"
    )


def _article(mail: Mail) -> str:
    files = ", ".join(
        f'<a href="{html.escape(_link(mail, index))}">{html.escape(attachment.name)}</a> '
        f"({len(attachment.content):,} bytes)"
        for index, attachment in enumerate(mail.attachments)
    )
    addresses = {"To": mail.to, "Cc": mail.cc, "Bcc": mail.bcc, "Reply to": mail.reply_to}
    heads = "; ".join(f"{name}: {html.escape(', '.join(those))}" for name, those in addresses.items() if those)
    # In a sandboxed frame under this page's policy: it runs no scripts and loads no resources.
    frame = f'<iframe sandbox srcdoc="{html.escape(mail.html)}"></iframe>'
    return (
        f"<article><h2>{html.escape(mail.subject)}</h2><p>{html.escape(mail.sender)}, {mail.sent_at}</p><p>{heads}</p>"
        f"<pre>{html.escape(mail.text or mail.html)}</pre>"
        f"{f'<details><summary>As HTML</summary>{frame}</details>' if mail.html else ''}"
        f"{f'<p>Attached: {files}</p>' if files else ''}</article>"
    )
