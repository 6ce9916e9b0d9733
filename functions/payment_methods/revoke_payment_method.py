"""DELETE /customers/{customer_id}/payment-methods/{method_id}"""

from invoicing.aws.grants import Grant
from invoicing.collection.errors import PaymentMethodEnded, PaymentMethodNotFound
from invoicing.collection.events import PaymentMethodRevoked
from invoicing.collection.model import PaymentMethod
from invoicing.collection.table import method_of
from invoicing.collection.workflow import saved
from invoicing.core.ids import CustomerId, PaymentMethodId
from invoicing.customers.errors import CustomerNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import moment_of
from invoicing.transactions.errors import DebitUnderWay
from invoicing.transactions.table import without_debits


@endpoint(
    "DELETE",
    "/customers/{customer_id}/payment-methods/{method_id}",
    scope="collection:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[CustomerNotFound, PaymentMethodNotFound, PaymentMethodEnded, DebitUnderWay],
)
def handler(customer_id: CustomerId, method_id: PaymentMethodId, request: Request) -> PaymentMethod:
    """Revoke a payment method and its mandate.

    Cannot be undone. Refused while a direct debit is under way. The record of the mandate is kept for 14 months after
    its last direct debit.
    """
    moment = moment_of(request.store)
    method = method_of(request.store, customer_id, method_id)
    also = (without_debits(customer_id, method_id),)
    return saved(request, method.revoked(moment), PaymentMethodRevoked(), also=also)
