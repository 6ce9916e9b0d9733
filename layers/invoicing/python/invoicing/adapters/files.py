"""Files in S3: written once under their hash, and handed out by short-lived links."""

import hashlib
import urllib.parse

from botocore.exceptions import ClientError

from invoicing import config
from invoicing.adapters.clients import client

PRESIGNED_SECONDS = 300
"""A URL signed by a role dies with its session, so none is promised to live longer than this."""


def key_of(tenant: str, file_id: str, sha256: str) -> str:
    """Where a file lies: never under a name that a person chose."""
    return f"{tenant}/{file_id}/{sha256}"


def store_once(
    tenant: str, file_id: str, content: bytes, content_type: str, *, note: tuple[str, str] | None = None
) -> str:
    """Store a file under its SHA-256 and return that; storing the same again changes nothing.

    `note`: of which document and note it is, for whoever finds something out about the object alone.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        client("s3").put_object(
            Bucket=config.setting("FILES_BUCKET"),
            Key=key_of(tenant, file_id, sha256),
            Body=content,
            ContentType=content_type,
            Metadata=dict(zip(("invoice_id", "note_id"), note, strict=True)) if note else {},
            IfNoneMatch="*",
        )
    except ClientError as error:
        # The key is the hash of the content: what lies there already is this file.
        if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
            raise
    return sha256


def read(tenant: str, file_id: str, sha256: str) -> bytes:
    """A stored file; one that is not what it was stored as is refused."""
    answer = client("s3").get_object(Bucket=config.setting("FILES_BUCKET"), Key=key_of(tenant, file_id, sha256))
    content = answer["Body"].read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RuntimeError(f"{file_id} is not what was stored")
    return content


def missing(error: ClientError) -> bool:
    """Whether S3 says that there is no such object. Without leave to list a bucket it would only say "denied"."""
    return error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}


def delete(tenant: str, file_id: str, sha256: str) -> None:
    """Let a file be had no more. Its bytes stay as an old version until the bucket's lifecycle removes them."""
    client("s3").delete_object(Bucket=config.setting("FILES_BUCKET"), Key=key_of(tenant, file_id, sha256))


def presigned_url(tenant: str, file_id: str, sha256: str, *, name: str, content_type: str) -> str:
    """A URL that opens a file for five minutes, as an attachment of this name."""
    quoted = urllib.parse.quote(name, safe="")
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    return client("s3").generate_presigned_url(
        "get_object",
        Params={
            "Bucket": config.setting("FILES_BUCKET"),
            "Key": key_of(tenant, file_id, sha256),
            "ResponseContentType": content_type,
            "ResponseContentDisposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quoted}",
        },
        ExpiresIn=PRESIGNED_SECONDS,
    )
