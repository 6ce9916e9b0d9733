"""GET /dunning-documents"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.requests import DunningDocumentQuery
from invoicing.dunning.table import conditions_of, range_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/dunning-documents", scope="dunning:read", grants=[Grant.READ], portal=True)
def handler(query: DunningDocumentQuery, request: Request) -> Page[DunningDocument]:
    """List reminders and dunning letters, newest first.

    Portal users see their own documents once they are sent.
    """
    caller = request.caller
    return request.page(DunningDocument, query, [range_of(query, caller)], conditions_of(query, caller))
