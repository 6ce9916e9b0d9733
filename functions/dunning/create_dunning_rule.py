"""POST /dunning-rules"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_events import DunningRuleCreated
from invoicing.domain.dunning_rule import DunningRule, DunningRuleData
from invoicing.domain.errors import DuplicateLevel
from invoicing.domain.printing import NotPrintable
from invoicing.workflows.dunning_rules import require_base_rate


@endpoint(
    "POST",
    "/dunning-rules",
    scope="dunning:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[DuplicateLevel, NotPrintable],
)
def handler(body: DunningRuleData, request: Request) -> DunningRule:
    """Create a dunning rule.

    A rule defines when a level is reached, its fees, its interest and its texts. There is one rule per level and
    customer type.
    """
    require_base_rate(request.store, body)
    others = request.store.dunning_rules()
    rule = DunningRule.of(request.new_id("dru"), body, others, by=request.caller, at=request.now)
    return request.store.commit(rule, DunningRuleCreated())
