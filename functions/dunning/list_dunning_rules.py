"""GET /dunning-rules"""

from invoicing.aws.grants import Grant
from invoicing.core.page import ListQuery, Page
from invoicing.dunning.rule import DunningRule
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store import keys
from invoicing.store.listing import beginning_with


@endpoint("GET", "/dunning-rules", scope="dunning:read", grants=[Grant.READ])
def handler(query: ListQuery, request: Request) -> Page[DunningRule]:
    """List dunning rules, newest first."""
    rules = keys.dunning_rule(request.caller.tenant_id, "")
    return request.page(DunningRule, query, [beginning_with(rules, keys.RULE)])
