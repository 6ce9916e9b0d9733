"""PATCH /customers/{customer_id}/payment-methods/{method_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank_matching.table import learned
from invoicing.collection.errors import PaymentMethodEnded, PaymentMethodNotFound
from invoicing.collection.events import PaymentMethodBlocked, PaymentMethodUpdated
from invoicing.collection.model import PaymentMethod
from invoicing.collection.requests import UpdatePaymentMethod
from invoicing.collection.table import method_of
from invoicing.collection.workflow import saved
from invoicing.core.ids import CustomerId, PaymentMethodId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.patch import Patch
from invoicing.http.request import Request
from invoicing.tenants.table import moment_of


@endpoint(
    "PATCH",
    "/customers/{customer_id}/payment-methods/{method_id}",
    scope="collection:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, PaymentMethodNotFound, PaymentMethodEnded],
)
def handler(
    customer_id: CustomerId, method_id: PaymentMethodId, body: Patch[UpdatePaymentMethod], request: Request
) -> PaymentMethod:
    """Update a payment method.

    `blocked` stops all direct debits. After a direct debit, another IBAN is an amendment of the mandate, which the next
    debit states.
    """
    moment = moment_of(request.store)
    method = method_of(request.store, customer_id, method_id)
    changed = method.changed(body.applied_to(method.data), moment)
    event = PaymentMethodBlocked() if changed.status == "blocked" != method.status else PaymentMethodUpdated()
    also = (learned(changed.iban, customer_id),) if changed.iban and changed.iban != method.iban else ()
    return saved(request, changed, event, also=also)
