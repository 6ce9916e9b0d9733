"""DELETE /dunning-rules/{rule_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_errors import RuleNotFound
from invoicing.domain.dunning_events import DunningRuleDeleted
from invoicing.domain.ids import RuleId


@endpoint(
    "DELETE",
    "/dunning-rules/{rule_id}",
    scope="dunning:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[RuleNotFound],
)
def handler(rule_id: RuleId, request: Request) -> None:
    """Delete a dunning rule.

    Levels are never skipped: dunning stops before the deleted level.
    """
    request.store.delete(request.store.dunning_rule(rule_id), DunningRuleDeleted())
