"""Files of banks that are too large for a request: announced first, then uploaded to S3, then read as an upload is.

The announced statement is the first one of the file. The refusals of an upload in a request make it `failed`. It is
committed last, so that a message that is delivered again does the rest, and nothing twice.
"""

import hashlib
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from invoicing.aws.files import PRESIGNED_SECONDS
from invoicing.aws.uploads import StatementPlace, arrived, clear, upload_form
from invoicing.bank.errors import UnknownAccount, UnreadableStatement
from invoicing.bank.events import BankStatementFailed, BankStatementUploadRequested
from invoicing.bank.model import BankStatement
from invoicing.bank.reading.statement import NotReadable
from invoicing.bank.requests import AnnounceStatement
from invoicing.bank.showing import all_shown
from invoicing.bank.statement_parts import (
    AnnouncedFile,
    ImportProgress,
    ProblemCode,
    StatementAccount,
    StatementFile,
    StatementProblem,
)
from invoicing.bank.table import statements_of_file
from invoicing.bank.uploading import FoundFile, create_statements, is_complete, known, read_statements
from invoicing.core.errors import DomainError
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.core.model import Instant, Secret, Value
from invoicing.notes.errors import FileTooLarge
from invoicing.notes.model import MAX_UPLOAD_BYTES
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.errors import BankAccountNotFound
from invoicing.tenants.table import tenant_of

MOST_READINGS = 5
"""The deliveries of a message after which the file counts as unreadable: its reader ends the worker each time."""
_MEDIA_TYPE = "application/octet-stream"
_NEVER_ARRIVED = "Nothing arrived in time. Announce the file again."
_OTHER_BYTES = "The file that arrived is not the announced one. Announce the file again."
_NOT_READ = "The file could not be read in several attempts. Upload its parts as files of their own."


class Unverified(Exception):
    """Two readings of an upload differ, so it is neither accepted nor rejected: the queue delivers it again."""


class StatementUpload(Value):
    """An upload of a bank statement: a `multipart/form-data` POST to `url` with all `fields` first and `file` last."""

    collection: ClassVar[str] = "bank-statements"
    """The collection in whose path the job is."""

    object: Literal["upload"] = "upload"
    statements: tuple[BankStatement, ...]
    """Statement that the file becomes, `pending` until it is uploaded. A file that was imported before needs no upload:
    then these are all its statements."""
    expires_at: Instant | None = None
    """When the upload expires; null if none is needed."""
    url: Annotated[str | None, Secret] = None
    """URL to post the form to; null if no upload is needed, or when the same response is replayed."""
    fields: Annotated[dict[str, str] | None, Secret] = None
    """Form fields to send before the file; null if no upload is needed, or when the same response is replayed."""

    @property
    def job_id(self) -> str:
        """The first statement, whose status shows the progress."""
        return self.statements[0].id

    @property
    def was_known(self) -> bool:
        """Whether the file was uploaded before."""
        return self.url is None


def announce(store: Store, body: AnnounceStatement) -> StatementUpload:
    """Announce a file. Known statements need no upload; one that is not uploaded yet gets another form."""
    if body.size > MAX_UPLOAD_BYTES:
        raise FileTooLarge(f"The file exceeds {MAX_UPLOAD_BYTES} bytes.", pointer="/size")
    tenant_of(store).require_bank_account(body.bank_account_id)
    earlier = statements_of_file(store, body.sha256)
    if is_complete(earlier):
        return known(store, earlier, StatementUpload(statements=all_shown(earlier.values(), store.session.caller)))
    moment = store.session.moment
    file = StatementFile(id=new_id("file", moment.at), kind="original", sha256=body.sha256, size=body.size)
    statement = _expected(store, earlier.get(0), file, body)
    place = StatementPlace(store.tenant_id, statement.id, file.id)
    url, fields = upload_form(place, content_type=_MEDIA_TYPE, size=body.size, sha256=body.sha256)
    announced = statement.model_copy(update={"version": statement.version + 1})
    upload = StatementUpload(
        statements=all_shown([announced], store.session.caller),
        expires_at=moment.at + timedelta(seconds=PRESIGNED_SECONDS),
        url=url,
        fields=fields,
    )
    store.commit(Recorded(statement, BankStatementUploadRequested(file_id=file.id)), response=upload)
    return upload


def _expected(
    store: Store, before: BankStatement | None, file: StatementFile, body: AnnounceStatement
) -> BankStatement:
    """The pending statement of an announced file, which may have been announced before."""
    moment = store.session.moment
    announced = AnnouncedFile(bank_account_id=body.bank_account_id, csv_profile=body.csv_profile)
    if before is not None:
        chosen = {"announced": announced, **moment.updated}
        unread = {"status": "pending", "bank_account_id": body.bank_account_id, "files": (file,), "problems": ()}
        return before.model_copy(update=chosen if before.is_read else chosen | unread)
    return BankStatement(
        id=new_id("bst", moment.at),
        bank_account_id=body.bank_account_id,
        source="upload",
        format=None,
        account=StatementAccount(),
        booked=0,
        status="pending",
        progress=ImportProgress(total=0),
        files=(file,),
        announced=announced,
        **moment.created,
    )


def receive(store: Store, place: StatementPlace, *, delivery: int = 1) -> bool:
    """Store the statements of an uploaded file, or record why it has none. Deletes the upload.

    Returns whether a file had arrived.
    """
    content = arrived(place)
    if content is None:
        return False
    # A file can need several commits, and an event allows one.
    plain = Store(store.session)
    statement = plain.get(BankStatement, place.statement_id)
    if not is_complete(statements_of_file(plain, statement.file("original").sha256)):
        outcome = _outcome(plain, place, statement, content, delivery)
        retry_on_conflict(plain, lambda fresh: _commit(fresh, place, outcome))
    clear(place)
    return True


def _outcome(
    store: Store, place: StatementPlace, statement: BankStatement, content: bytes, delivery: int
) -> FoundFile | StatementProblem:
    """The statements of an upload, or why it has none."""
    if hashlib.sha256(content).hexdigest() != statement.file("original").sha256:
        if arrived(place) != content:
            raise Unverified(f"two readings of {place.key} differ")
        return _problem("NOT_UPLOADED", _OTHER_BYTES)
    if delivery > MOST_READINGS:
        return _problem("UNREADABLE_STATEMENT", _NOT_READ)
    chosen = statement.announced or AnnouncedFile()
    try:
        return read_statements(store, content, chosen.bank_account_id, chosen.csv_profile)
    except (UnreadableStatement, UnknownAccount, BankAccountNotFound) as error:
        return _refused(error)


def _commit(store: Store, place: StatementPlace, outcome: FoundFile | StatementProblem) -> None:
    statement = store.get(BankStatement, place.statement_id)
    if isinstance(outcome, StatementProblem):
        _fail(store, statement, outcome)
        return
    earlier = statements_of_file(store, statement.file("original").sha256)
    if not is_complete(earlier):
        create_statements(store, outcome, earlier)


def _fail(store: Store, statement: BankStatement, problem: StatementProblem) -> None:
    if statement.status == "pending":
        failed = {"status": "failed", "problems": (problem,), **store.session.moment.updated}
        store.commit(Recorded(statement.model_copy(update=failed), BankStatementFailed()))


def _refused(error: DomainError) -> StatementProblem:
    """The refusal of an upload as a problem of its statement."""
    code: ProblemCode = "UNREADABLE_STATEMENT" if isinstance(error, UnreadableStatement) else "UNKNOWN_ACCOUNT"
    place = error.__cause__.place if isinstance(error.__cause__, NotReadable) else ""
    return _problem(code, error.detail, place)


def _problem(code: ProblemCode, message: str, place: str = "") -> StatementProblem:
    return StatementProblem(place=place[:200], code=code, message=message)


def reject_missing(store: Store, place: StatementPlace) -> None:
    """Fail a statement whose file did not arrive. One that arrived and was not read yet is read now."""
    if receive(store, place):
        return
    statement = store.get(BankStatement, place.statement_id)
    # A file that was announced again has another id, and more time.
    if statement.file("original").id == place.file_id:
        _fail(store, statement, _problem("NOT_UPLOADED", _NEVER_ARRIVED))
