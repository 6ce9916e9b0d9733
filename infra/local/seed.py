"""Creates the demo tenant with the same code as real ones, and prints the keys of its users.

A separate process, with the table and the endpoint in its environment, because a process reads its settings once.
"""

import json
import sys
from datetime import datetime

from pydantic import BaseModel

from infra.examples import REQUESTS
from infra.openapi_schemas import EXAMPLE_ULID
from infra.tenants import CreatedTenant, add_user, create_company, first_admin
from invoicing.catalogue.events import PriceVersionAdded, ProductCreated
from invoicing.catalogue.price import NewPrice, Price
from invoicing.catalogue.product import Product, ProductData
from invoicing.catalogue.workflow import commit_price
from invoicing.core import clock
from invoicing.core.event import Recorded
from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from invoicing.core.party import Address, Contact, ElectronicAddress
from invoicing.customers.events import CustomerCreated
from invoicing.customers.model import Customer, CustomerData
from invoicing.document_forms.events import DocumentFormCreated
from invoicing.document_forms.model import DocumentForm, DocumentFormData
from invoicing.dunning.events import DunningRuleCreated
from invoicing.dunning.rule import HIGHEST_LEVEL, DunningRule, DunningRuleData
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.events import InvoiceCreated
from invoicing.invoices.model import Invoice
from invoicing.notes.model import Note
from invoicing.notes.workflow import write_note
from invoicing.orders.events import OrderCreated
from invoicing.orders.model import NewOrder, Order
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.email_identity import OperatorSettings
from invoicing.tenants.model import TenantBankAccount, TenantData
from invoicing.tenants.table import moment_of
from invoicing.users.model import UserData

_STAGE = "local"
_SENDER = "billing@kontor-nord.example"
_STAFF = {
    Role.BOOKKEEPER: ("Bela", "Buch"),
    Role.AUDITOR: ("Adam", "Riese"),
    Role.MEMBER: ("Mia", "Mai"),
    Role.CUSTOMER: ("Karl", "Kunde"),
}


def main() -> None:
    """A company in Hamburg with a user of each role, and a second company without access to its data."""
    now = clock.now()
    company = create_company(
        _company(),
        first_admin("ada.berg@kontor-nord.example", "Ada", "Berg"),
        stage=_STAGE,
        at=now,
        operator=OperatorSettings(email_identities=(_SENDER,)),
    )
    _add_examples(company, now)
    other = TenantData(name="Andere AG", address=Address(city="Wien", country="AT"))
    stranger = create_company(other, first_admin("admin@andere.example", "Olga", "Ander"), stage=_STAGE, at=now)
    api_keys = {str(Role.ADMIN): company.secret} | _staff(company, now)
    json.dump(
        {
            "tenant_id": company.tenant.id,
            "user_id": company.admin.id,
            "api_keys": api_keys,
            "other_tenant_api_key": stranger.secret,
            "sender": _SENDER,
        },
        sys.stdout,
    )


def _staff(company: CreatedTenant, now: datetime) -> dict[str, str]:
    store = Store(Session(company.caller, now))
    portal = Customer.new(new_id("cus", now), CustomerData(name="Portal GmbH"), moment=store.session.moment)
    store.commit(Recorded(portal, CustomerCreated()))
    return {
        str(role): add_user(
            company,
            UserData(
                email=f"{first_name}.{last_name}@kontor-nord.example".lower(),
                first_name=first_name,
                last_name=last_name,
                role=role,
                customer_id=portal.id if role is Role.CUSTOMER else None,
            ),
            stage=_STAGE,
            at=now,
        )
        for role, (first_name, last_name) in _STAFF.items()
    }


def _add_examples(company: CreatedTenant, now: datetime) -> None:
    """The resources that the examples of the API's document name, so that the examples work unchanged.

    Examples create resources as well, so the user, the form and the product have other names than theirs, and
    the rule has another level; it is disabled.
    """
    example = _example(UserData, "create_user", email="example@kontor-nord.example")
    add_user(company, example, stage=_STAGE, at=now, ulid=EXAMPLE_ULID)
    store = Store(Session(company.caller, now))
    moment = moment_of(store)
    data = _example(CustomerData, "create_customer")
    customer = Customer.new(f"cus_{EXAMPLE_ULID}", data, moment=moment)
    draft = Invoice.draft(
        f"inv_{EXAMPLE_ULID}",
        _example(NewInvoice, "create_invoice"),
        customer=customer,
        tenant=company.tenant,
        moment=moment,
    )
    first, *others = draft.lines
    lines = (first.model_copy(update={"id": f"lin_{EXAMPLE_ULID}"}), *others)
    ordered = _example(NewOrder, "create_order")
    order = Order.new(f"ord_{EXAMPLE_ULID}", ordered, customer=customer, tenant=company.tenant, moment=moment)
    form = DocumentForm.new(
        f"form_{EXAMPLE_ULID}", _example(DocumentFormData, "create_document_form", name="Head office"), moment=moment
    )
    sold = _example(ProductData, "create_product", code="DESK", name={"de": "Schreibtisch"})
    product = Product.new(f"prd_{EXAMPLE_ULID}", sold, moment)
    last = _example(DunningRuleData, "create_dunning_rule", level=HIGHEST_LEVEL, enabled=False)
    store.commit(Recorded(customer, CustomerCreated()))
    store.commit(Recorded(draft.model_copy(update={"lines": lines}), InvoiceCreated()))
    store.commit(Recorded(order, OrderCreated()))
    store.commit(Recorded(form, DocumentFormCreated()))
    store.commit(Recorded(DunningRule.of(f"dru_{EXAMPLE_ULID}", last, (), moment=moment), DunningRuleCreated()))
    store.commit(Recorded(product, ProductCreated()))
    price = Price.new(f"prc_{EXAMPLE_ULID}", _example(NewPrice, "create_price"), product_id=product.id, moment=moment)
    commit_price(store, product, price, PriceVersionAdded(number=1, valid_from=price.versions[0].valid_from))
    write_note(store, Note.new(f"note_{EXAMPLE_ULID}", draft.id, moment=moment), "<p>Seen by the buyer.</p>", ())


def _example[M: BaseModel](model: type[M], operation: str, **other: object) -> M:
    return model.model_validate_json(json.dumps(REQUESTS[operation] | other))


def _company() -> TenantData:
    return TenantData(
        name="Kontor Nord GmbH",
        address=Address(line1="Speicherstraße 7", postal_code="20457", city="Hamburg", country="DE"),
        vat_id="DE123456788",
        tax_number="27/123/45678",
        legal_id="HRB 123456",
        legal_information="Geschäftsführerin: Ada Berg\nSitz: Hamburg, Amtsgericht Hamburg",
        contact=Contact(name="Ada Berg", phone="+49 40 123456", email=_SENDER),
        electronic_address=ElectronicAddress(scheme="9930", id="DE123456788"),
        bank_accounts=(
            TenantBankAccount(id="main", name="Hauptkonto", iban="DE02120300000000202051", bic="BYLADEM1001"),
        ),
        language="de",
        currency="EUR",
        time_zone="Europe/Berlin",
        email_sender=_SENDER,
        event_sources=("orders",),
    )


if __name__ == "__main__":
    main()
