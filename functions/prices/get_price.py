"""GET /prices/{price_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import PriceNotFound
from invoicing.catalogue.price import Price
from invoicing.catalogue.workflow import product_and_price
from invoicing.core.ids import PriceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/prices/{price_id}", scope="catalogue:read", grants=[Grant.READ], raises=[PriceNotFound])
def handler(price_id: PriceId, request: Request) -> Price:
    """Retrieve a price with all its versions."""
    _, price = product_and_price(request.store, price_id)
    return price
