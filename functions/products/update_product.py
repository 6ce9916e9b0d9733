"""PATCH /products/{product_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import ProductCodeTaken, ProductNotFound
from invoicing.catalogue.events import ProductArchived, ProductUpdated
from invoicing.catalogue.product import Product, ProductData
from invoicing.catalogue.workflow import require_family
from invoicing.core.event import Recorded
from invoicing.core.ids import ProductId
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.invoices.errors import ReferenceNotFound


@endpoint(
    "PATCH",
    "/products/{product_id}",
    scope="catalogue:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[ProductNotFound, ProductCodeTaken, ReferenceNotFound],
)
def handler(product_id: ProductId, body: Patch[ProductData], request: Request) -> Product:
    """Update or archive a product.

    Lines that were filled in before do not change. `archived_at` archives the product; null makes it active again.
    """
    product = request.store.get(Product, product_id)
    changed = product.changed(body.applied_to(product.data), request.moment)
    require_family(request.store, changed.family, before=product.family)
    is_archived = changed.archived_at is not None and product.archived_at is None
    return request.store.commit(Recorded(changed, ProductArchived() if is_archived else ProductUpdated()))
