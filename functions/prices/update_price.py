"""PATCH /prices/{price_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import PriceNotFound
from invoicing.catalogue.events import PriceUpdated
from invoicing.catalogue.price import Price, PriceData
from invoicing.catalogue.workflow import commit_price, product_and_price
from invoicing.core.ids import PriceId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request


@endpoint(
    "PATCH",
    "/prices/{price_id}",
    scope="catalogue:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[PriceNotFound],
)
def handler(price_id: PriceId, body: Patch[PriceData], request: Request) -> Price:
    """Update or archive a price, or make it the default.

    Amounts change by a new version only. A new default replaces the one before.
    """
    product, price = product_and_price(request.store, price_id)
    changed = price.changed(body.applied_to(price.data), request.moment)
    return commit_price(request.store, product, changed, PriceUpdated())
