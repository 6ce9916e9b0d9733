"""GET /dunning-rules"""

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.listing import beginning_with
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_rule import DunningRule
from invoicing.domain.pages import ListQuery, Page


@endpoint("GET", "/dunning-rules", scope="dunning:read", grants=[Grant.READ])
def handler(query: ListQuery, request: Request) -> Page[DunningRule]:
    """List dunning rules, newest first."""
    rules = keys.dunning_rule(request.caller.tenant_id, "")
    return request.page(DunningRule, query, [beginning_with(rules, keys.RULE)])
