"""GET /sepa-files"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import page_shown
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.requests import SepaFileQuery
from invoicing.sepa_files.table import files_of


@endpoint("GET", "/sepa-files", scope="collection:read", grants=[Grant.READ])
def handler(query: SepaFileQuery, request: Request) -> Page[SepaFile]:
    """List SEPA files, newest first."""
    found, conditions = files_of(request.caller.tenant_id, query)
    return page_shown(request.page(SepaFile, query, [found], conditions), request.caller)
