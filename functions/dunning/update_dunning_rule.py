"""PATCH /dunning-rules/{rule_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.patch import Patch
from invoicing.api.request import Request
from invoicing.domain.dunning_errors import RuleNotFound
from invoicing.domain.dunning_events import DunningRuleUpdated
from invoicing.domain.dunning_rule import DunningRule, DunningRuleData, rule_in
from invoicing.domain.errors import DuplicateLevel
from invoicing.domain.ids import RuleId
from invoicing.domain.printing import NotPrintable
from invoicing.workflows.dunning_rules import require_base_rate


@endpoint(
    "PATCH",
    "/dunning-rules/{rule_id}",
    scope="dunning:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[RuleNotFound, DuplicateLevel, NotPrintable],
)
def handler(rule_id: RuleId, body: Patch[DunningRuleData], request: Request) -> DunningRule:
    """Update a dunning rule.

    The change applies at once, also to invoices that have not reached the level yet.
    """
    rules = request.store.dunning_rules()
    rule = rule_in(rules, rule_id)
    data = body.applied_to(rule.data)
    if data.interest != rule.interest:
        require_base_rate(request.store, data)
    changed = rule.changed(data, rules, by=request.caller, at=request.now)
    return request.store.commit(changed, DunningRuleUpdated())
