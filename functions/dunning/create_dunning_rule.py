"""POST /dunning-rules"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.dunning.errors import DuplicateLevel
from invoicing.dunning.events import DunningRuleCreated
from invoicing.dunning.rule import DunningRule, DunningRuleData
from invoicing.dunning.workflow import require_base_rate
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.errors import NotPrintable


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
    others = request.store.all(DunningRule)
    rule = DunningRule.of(request.new_id("dru"), body, others, moment=request.moment)
    return request.store.commit(Recorded(rule, DunningRuleCreated()))
