"""GET /dunning-rules/{rule_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import RuleId
from invoicing.dunning.errors import RuleNotFound
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.table import rule_of
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/dunning-rules/{rule_id}", scope="dunning:read", grants=[Grant.READ], raises=[RuleNotFound])
def handler(rule_id: RuleId, request: Request) -> DunningRule:
    """Retrieve a dunning rule."""
    return rule_of(request.store, rule_id)
