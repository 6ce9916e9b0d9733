"""PATCH /dunning-rules/{rule_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import RuleId
from invoicing.dunning.errors import DuplicateLevel, RuleNotFound
from invoicing.dunning.events import DunningRuleUpdated
from invoicing.dunning.rule import DunningRule, DunningRuleData, rule_in
from invoicing.dunning.workflow import require_base_rate
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.issuing.errors import NotPrintable


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
    rules = request.store.all(DunningRule)
    rule = rule_in(rules, rule_id)
    data = body.applied_to(rule.data)
    if data.interest != rule.interest:
        require_base_rate(request.store, data)
    changed = rule.changed(data, rules, moment=request.moment)
    return request.store.commit(Recorded(changed, DunningRuleUpdated()))
