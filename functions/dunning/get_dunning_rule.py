"""GET /dunning-rules/{rule_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.dunning_errors import RuleNotFound
from invoicing.domain.dunning_rule import DunningRule
from invoicing.domain.ids import RuleId


@endpoint("GET", "/dunning-rules/{rule_id}", scope="dunning:read", grants=[Grant.READ], raises=[RuleNotFound])
def handler(rule_id: RuleId, request: Request) -> DunningRule:
    """Retrieve a dunning rule."""
    return request.store.dunning_rule(rule_id)
