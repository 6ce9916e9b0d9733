"""POST /products/{product_id}/prices"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import ProductIsArchived, ProductNotFound, UsageInAdvance
from invoicing.catalogue.events import PriceVersionAdded
from invoicing.catalogue.price import NewPrice, Price
from invoicing.catalogue.product import Product
from invoicing.catalogue.workflow import commit_price
from invoicing.core.ids import ProductId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import moment_of


@endpoint(
    "POST",
    "/products/{product_id}/prices",
    scope="catalogue:write",
    status=201,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[ProductNotFound, ProductIsArchived, UsageInAdvance],
)
def handler(product_id: ProductId, body: NewPrice, request: Request) -> Price:
    """Create a price of a product, with its first version.

    Amounts are given in each currency and never converted. Model, interval and currencies' amounts of a version never
    change: a new version replaces them from a day on.
    """
    store = request.store
    product = store.get(Product, product_id)
    product.require_active()
    price = Price.new(request.new_id("prc"), body, product_id=product.id, moment=moment_of(store))
    added = PriceVersionAdded(number=1, valid_from=price.versions[0].valid_from)
    return commit_price(store, product, price, added)
