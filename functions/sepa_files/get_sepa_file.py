"""GET /sepa-files/{sepa_file_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import shown_to
from invoicing.core.ids import SepaFileId
from invoicing.core.model import values_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.errors import SepaFileNotFound
from invoicing.sepa_files.model import SepaFile, WholeSepaFile
from invoicing.sepa_files.table import transactions_in


@endpoint("GET", "/sepa-files/{sepa_file_id}", scope="collection:read", grants=[Grant.READ], raises=[SepaFileNotFound])
def handler(sepa_file_id: SepaFileId, request: Request) -> WholeSepaFile:
    """Retrieve a SEPA file with its transactions."""
    file = request.store.get(SepaFile, sepa_file_id)
    transactions = transactions_in(request.store, sepa_file_id)
    # Rows of newer code can have values that this code does not know.
    whole = WholeSepaFile.model_construct(**values_of(file, SepaFile.model_fields), transactions=transactions)
    return shown_to(request.caller, whole)
