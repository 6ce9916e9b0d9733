"""POST /products"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import ProductCodeTaken
from invoicing.catalogue.events import ProductCreated
from invoicing.catalogue.product import Product, ProductData
from invoicing.catalogue.workflow import require_family
from invoicing.core.event import Recorded
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import ReferenceNotFound


@endpoint(
    "POST",
    "/products",
    scope="catalogue:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[ProductCodeTaken, ReferenceNotFound],
)
def handler(body: ProductData, request: Request) -> Product:
    """Create a product.

    A product has no amounts of its own: add prices to it.
    """
    require_family(request.store, body.family)
    product = Product.new(request.new_id("prd"), body, request.moment)
    return request.store.commit(Recorded(product, ProductCreated()))
