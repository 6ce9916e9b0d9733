"""Reading bodies of forms: with files (`multipart/form-data`, RFC 7578), of web pages (URL-encoded), or as JSON."""

from urllib.parse import parse_qsl

from pydantic import ValidationError

from invoicing.core.errors import Invalid, TooLarge
from invoicing.core.model import ENTERED
from invoicing.core.stored_file import Form, PageForm, SentFile
from invoicing.http.body import MAX_BYTES, parse, refusal
from invoicing.notes.errors import FileTooLarge

FILES = "file"
MEDIA_TYPE = "multipart/form-data"
URL_ENCODED = "application/x-www-form-urlencoded"
MOST_AT_ONCE = 10
MOST_FIELDS = 20
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_FORM_BYTES = MAX_FILE_BYTES + 100_000
"""Lambda accepts 6 MB of base64. The rest is for the fields and for the delimiters and headers of the parts."""


def parse_form[F: Form](model: type[F], raw: bytes, content_type: str | None) -> F:
    """A form or JSON body as its model."""
    if _media_type(content_type) != MEDIA_TYPE:
        return parse(model, raw)
    if len(raw) > MAX_FORM_BYTES:
        raise FileTooLarge(f"The files exceed {MAX_FILE_BYTES} bytes together; request an upload for larger files.")
    # Loaded only if a client sends a form.
    from invoicing.http.multipart import fields_and_files

    fields, parts = fields_and_files(raw, content_type or "", FILES)
    try:
        form = model.model_validate(fields, context=ENTERED)
    except ValidationError as error:
        raise refusal(error) from None
    if len(parts) > MOST_AT_ONCE:
        raise Invalid(f"A request can contain at most {MOST_AT_ONCE} files.", pointer=f"/{FILES}")
    if sum(len(part.content) for part in parts) > MAX_FILE_BYTES:
        raise FileTooLarge(f"The files exceed {MAX_FILE_BYTES} bytes together.", pointer=f"/{FILES}")
    return form.bringing(tuple(SentFile(part.file_name or "", part.content_type, part.content) for part in parts))


def parse_page_form[F: PageForm](model: type[F], raw: bytes, content_type: str | None) -> F:
    """The form of a web page as its model. It can also be sent as JSON."""
    if _media_type(content_type) != URL_ENCODED:
        return parse(model, raw)
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"The body exceeds {MAX_BYTES} bytes.")
    try:
        given = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid(f"The body is not a form of at most {MOST_FIELDS} fields in UTF-8.", pointer="") from None
    fields = dict(given)
    if len(fields) != len(given):
        raise Invalid("A field of the form occurs twice.", pointer="")
    try:
        return model.model_validate(fields, context=ENTERED)
    except ValidationError as error:
        raise refusal(error) from None


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()
