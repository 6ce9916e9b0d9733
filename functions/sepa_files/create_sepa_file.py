"""POST /sepa-files"""

from invoicing.aws.grants import Grant
from invoicing.collection.errors import CreditorIdMissing, SepaAccountMissing
from invoicing.core.errors import DateNotAllowed
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.sepa_files.creating import create_file, preview
from invoicing.sepa_files.errors import (
    NothingToCollect,
    SepaFileIsCanceled,
    SepaFileIsUploaded,
    SepaFileUnderWay,
)
from invoicing.sepa_files.model import NewSepaFile
from invoicing.sepa_files.requests import CreateSepaFile
from invoicing.tenants.errors import BankAccountNotFound


@endpoint(
    "POST",
    "/sepa-files",
    scope="collection:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT, Grant.WRITE_FILES, Grant.DELETE_FILES],
    layers=[Layer.DOCUMENTS],
    memory=1769,
    raises=[
        InvoiceNotFound,
        BankAccountNotFound,
        SepaAccountMissing,
        CreditorIdMissing,
        DateNotAllowed,
        NothingToCollect,
        SepaFileIsCanceled,
        SepaFileIsUploaded,
        SepaFileUnderWay,
    ],
)
def handler(body: CreateSepaFile, request: Request) -> NewSepaFile:
    """Create a SEPA file of direct debits or credit transfers.

    It collects or refunds the documents in `invoice_ids`, or all that are ready. A document is in at most one debit and
    one credit transfer that are under way. A refund is paid to the account that the last payment came from, else to
    that of a payment method. After an interruption, repeat the request with its `Idempotency-Key`: it continues the
    file. With `dry_run` the response lists the documents, and nothing is written.
    """
    if body.dry_run:
        return request.store.answer(preview(request.store, body))
    return create_file(request.store, body)
