"""GET /dunning-documents"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.dunning import DunningDocumentQuery
from invoicing.domain.dunning_document import DunningDocument
from invoicing.domain.pages import Page


@endpoint("GET", "/dunning-documents", scope="dunning:read", grants=[Grant.READ], portal=True)
def handler(query: DunningDocumentQuery, request: Request) -> Page[DunningDocument]:
    """List reminders and dunning letters, newest first.

    Portal users see their own documents once they are sent.
    """
    caller = request.caller
    return request.page(DunningDocument, query, [query.stretch(caller)], query.conditions(caller))
