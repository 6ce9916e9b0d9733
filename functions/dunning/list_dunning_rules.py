"""GET /dunning-rules"""

from invoicing.aws.grants import Grant
from invoicing.core.page import ListQuery, Page
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.table import rules_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/dunning-rules", scope="dunning:read", grants=[Grant.READ])
def handler(query: ListQuery, request: Request) -> Page[DunningRule]:
    """List dunning rules, newest first."""
    return request.page(DunningRule, query, [rules_of(request.caller.tenant_id)])
