"""POST /dunning-rules"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_events import DunningRuleCreated
from invoicing.domain.dunning_rule import DunningRule, DunningRuleData
from invoicing.domain.errors import DuplicateLevel


@endpoint(
    "POST",
    "/dunning-rules",
    scope="dunning:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[DuplicateLevel],
)
def handler(body: DunningRuleData, request: Request) -> DunningRule:
    """Set up a level of dunning: when it is reached, what it says and costs. One per level and type of customer."""
    others = request.store.dunning_rules()
    rule = DunningRule.of(request.new_id("dru"), body, others, by=request.caller, at=request.now)
    return request.store.commit(rule, DunningRuleCreated())
