"""DELETE /dunning-rules/{rule_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import RuleId
from invoicing.dunning.errors import RuleNotFound
from invoicing.dunning.events import DunningRuleDeleted
from invoicing.dunning.table import rule_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


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
    request.store.delete(Recorded(rule_of(request.store, rule_id), DunningRuleDeleted()))
