"""S3: objects that are stored once, signed URLs and forms, versions."""

import base64
import hashlib
import time
from urllib.parse import quote

from infra.conformance.assumption import assumption, refused, require, require_equal
from infra.conformance.resources import Resources
from invoicing.aws import s3
from invoicing.aws.clients import client
from invoicing.core.stored_file import content_disposition

_CONTENT = bytes(range(256)) * 4
_OVERRIDES = {
    "ResponseContentType": "application/pdf",
    "ResponseContentDisposition": content_disposition("attachment", "Rechnung Süß.pdf"),
}


def _place(made: Resources, name: str) -> s3.Location:
    return s3.Location(made.bucket, f"ten_smoke/{name}")


def _stored(made: Resources, name: str, content: bytes = _CONTENT) -> s3.Location:
    place = _place(made, name)
    s3.put_new(place, content, "application/octet-stream", {"invoice_id": "inv_1"})
    return place


@assumption("S3")
def an_object_is_stored_once(made: Resources) -> None:
    """With `If-None-Match: *` the first object stays, and a second one is refused with `PreconditionFailed`."""
    place = _place(made, "once")
    require(s3.put_new(place, b"first", "text/plain", {}), "the first object is refused")
    require(not s3.put_new(place, b"second", "text/plain", {}), "a second object is stored")
    require_equal(s3.get(place), b"first")


@assumption("S3")
def a_deleted_object_can_be_stored_again(made: Resources) -> None:
    """In a versioned bucket a deleted object is missing, can be stored again, and stays as an old version."""
    place = _stored(made, "deleted", b"first")
    s3.delete(place)
    refused("NoSuchKey", s3.get, location=place)
    require(s3.put_new(place, b"second", "text/plain", {}), "the deleted object still blocks its key")
    versions = made.manager("s3").list_object_versions(Bucket=made.bucket, Prefix=place.key)
    require_equal((len(versions["Versions"]), len(versions["DeleteMarkers"])), (2, 1))


@assumption("S3")
def a_missing_object_has_its_codes(made: Resources) -> None:
    """A missing object is `NoSuchKey` when it or its tags are read, and a bare 404 for its metadata."""
    place = _place(made, "missing")
    refused("NoSuchKey", s3.get, location=place)
    refused("NoSuchKey", s3.tags, location=place)
    refused("404", s3.metadata, location=place)
    s3.delete(place)


@assumption("S3")
def an_object_keeps_its_metadata_and_tags(made: Resources) -> None:
    """Metadata and tags of an object come back as they were stored."""
    place = _stored(made, "owned")
    require_equal(dict(s3.metadata(place)), {"invoice_id": "inv_1"})
    require_equal(dict(s3.tags(place)), {})
    tags = {"TagSet": [{"Key": "GuardDutyMalwareScanStatus", "Value": "THREATS_FOUND"}]}
    made.manager("s3").put_object_tagging(Bucket=made.bucket, Key=place.key, Tagging=tags)
    require_equal(dict(s3.tags(place)), {"GuardDutyMalwareScanStatus": "THREATS_FOUND"})


@assumption("S3")
def a_signed_url_opens_a_file_under_its_name(made: Resources) -> None:
    """A signed URL returns the bytes with the type and the file name that were signed."""
    url = s3.presigned_url(_stored(made, "signed"), _OVERRIDES, seconds=60)
    answer = made.send("GET", url)
    require_equal((answer.status, answer.content), (200, _CONTENT))
    require_equal(answer.headers.get("content-type"), _OVERRIDES["ResponseContentType"])
    require_equal(answer.headers.get("content-disposition"), _OVERRIDES["ResponseContentDisposition"])


@assumption("S3")
def a_changed_url_is_refused(made: Resources) -> None:
    """A signed URL whose key, type or file name was changed is refused, and so is one without a signature."""
    url = s3.presigned_url(_stored(made, "changed"), _OVERRIDES, seconds=60)
    _stored(made, "others")
    for changed in (
        url.replace("changed", "others"),
        url.replace(quote("application/pdf", safe=""), quote("text/html", safe="")),
        url.replace("Rechnung", "Mahnung"),
        url.partition("?")[0],
    ):
        require(changed != url, "the URL was not changed")
        require_equal(made.send("GET", changed).status, 403)


@assumption("S3")
def a_signed_url_expires(made: Resources) -> None:
    """A signed URL is refused after its seconds."""
    url = s3.presigned_url(_stored(made, "expires"), _OVERRIDES, seconds=1)
    time.sleep(2.1)
    require_equal(made.send("GET", url).status, 403)


def _form(made: Resources, name: str) -> tuple[str, dict[str, str]]:
    """A form for exactly the content, as for uploads of clients."""
    digest = base64.b64encode(hashlib.sha256(_CONTENT).digest()).decode()
    fields = {
        "Content-Type": "application/pdf",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": digest,
    }
    conditions = [["content-length-range", len(_CONTENT), len(_CONTENT)], *({one: fields[one]} for one in fields)]
    return s3.presigned_form(_place(made, name), fields, conditions, seconds=60)


@assumption("S3")
def a_signed_form_stores_its_file(made: Resources) -> None:
    """A signed form stores the file with the type that was signed."""
    url, fields = _form(made, "form")
    answer = made.send("POST", url, fields=fields, file=_CONTENT)
    require(answer.status in {200, 201, 204}, answer)
    require_equal(s3.get(_place(made, "form")), _CONTENT)
    stored = client("s3").head_object(Bucket=made.bucket, Key=_place(made, "form").key)
    require_equal(stored["ContentType"], "application/pdf")


@assumption("S3")
def a_signed_form_refuses_other_fields(made: Resources) -> None:
    """A signed form refuses another size, type or key."""
    url, fields = _form(made, "other-fields")
    refusals = {
        "a longer file": made.send("POST", url, fields=fields, file=_CONTENT + b"x"),
        "a shorter file": made.send("POST", url, fields=fields, file=_CONTENT[1:]),
        "another type": made.send("POST", url, fields=fields | {"Content-Type": "text/html"}, file=_CONTENT),
        "another key": made.send("POST", url, fields=fields | {"key": "ten_smoke/another"}, file=_CONTENT),
    }
    accepted = [name for name, answer in refusals.items() if not 400 <= answer.status < 500]
    require_equal(accepted, [])
    refused("NoSuchKey", s3.get, location=_place(made, "other-fields"))


@assumption("S3")
def a_signed_form_refuses_other_bytes(made: Resources) -> None:
    """A signed form refuses a file of the right size whose SHA-256 is another one."""
    url, fields = _form(made, "other-bytes")
    answer = made.send("POST", url, fields=fields, file=_CONTENT[::-1])
    require(400 <= answer.status < 500, f"status {answer.status}")
    refused("NoSuchKey", s3.get, location=_place(made, "other-bytes"))
