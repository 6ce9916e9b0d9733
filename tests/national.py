"""French and Romanian companies with all fields that the formats of their countries require."""

from collections.abc import Callable
from typing import Any

from invoicing.core.party import Address, BankAccount, Contact, ElectronicAddress
from invoicing.invoices.model import Invoice
from tests import builders
from tests.builders import line_json
from tests.einvoices import issued

LYON = {"line1": "12 rue de la République", "postal_code": "69002", "city": "Lyon", "country": "FR"}
FRENCH_TENANT = builders.tenant(
    name="Outils Lumière SAS",
    address=Address(**LYON),
    vat_id="FR44732829320",
    legal_id="732829320",
    legal_id_scheme="0002",
    electronic_address=ElectronicAddress(scheme="0225", id="732829320"),
    bank_accounts=(BankAccount(id="main", iban="FR1420041010050500013M02606"),),
    contact=Contact(name="Comptabilité", phone="+33 4 72 00 00 00", email="compta@lumiere.example"),
    time_zone="Europe/Paris",
    language="fr",
    einvoice_format="facturx_fr",
)
FRENCH_BUYER: dict[str, Any] = {
    "name": "Énergie du Rhône SA",
    "address": {**LYON, "line1": "3 quai Rambaud"},
    "shipping_address": None,
    "tax_id": "FR03552081317",
    "legal_id": "552081317",
    "legal_id_scheme": "0002",
    "leitweg_id": None,
    "electronic_address": {"scheme": "0225", "id": "552081317"},
}
FRENCH_NOTES = [
    {"subject_code": "PMT", "text": "Indemnité forfaitaire pour frais de recouvrement : 40 €"},
    {"subject_code": "PMD", "text": "Pénalités de retard : taux de la BCE majoré de 10 points"},
    {"subject_code": "AAB", "text": "Pas d'escompte pour paiement anticipé"},
    {"subject_code": "BAR", "text": "B2B"},
]
FRENCH_LINE = line_json(tax={"category": "S", "rate": "20"})
CLUJ = {
    "line1": "Str. Memorandumului 28",
    "postal_code": "400114",
    "city": "Cluj-Napoca",
    "region": "RO-CJ",
    "country": "RO",
}
BUCHAREST = {"line1": "Bd. Unirii 1", "postal_code": "030823", "city": "SECTOR3", "region": "RO-B", "country": "RO"}
ROMANIAN_TENANT = builders.tenant(
    name="Unelte Lumina SRL",
    address=Address(**CLUJ),
    vat_id="RO18547290",
    legal_id="J12/1234/2006",
    bank_accounts=(BankAccount(id="main", iban="RO49AAAA1B31007593840000"),),
    contact=Contact(name="Contabilitate", phone="+40 264 000000", email="conta@lumina.example"),
    time_zone="Europe/Bucharest",
    language="en",
    currency="RON",
    einvoice_format="cius_ro",
)
ROMANIAN_BUYER: dict[str, Any] = {
    "name": "Energie Dunăre SA",
    "address": BUCHAREST,
    "shipping_address": CLUJ,
    "tax_id": "RO14399840",
    "leitweg_id": None,
}
ROMANIAN_LINE = line_json(tax={"category": "S", "rate": "19"})


def french(*, buyer: dict[str, Any] | None = None, seller: dict[str, Any] | None = None, **fields: Any) -> Invoice:
    """An invoice between French companies, issued in Factur-X with the rules of the reform."""
    given = {"language": "fr", "business_process": "M1", "notes": FRENCH_NOTES, "lines": [FRENCH_LINE], **fields}
    return issued(
        buyer={**FRENCH_BUYER, **(buyer or {})}, tenant=FRENCH_TENANT.model_copy(update=seller or {}), **given
    )


def romanian(*, buyer: dict[str, Any] | None = None, seller: dict[str, Any] | None = None, **fields: Any) -> Invoice:
    """An invoice between Romanian companies, issued in CIUS-RO."""
    given = {"language": "en", "currency": "RON", "lines": [ROMANIAN_LINE], **fields}
    return issued(
        buyer={**ROMANIAN_BUYER, **(buyer or {})}, tenant=ROMANIAN_TENANT.model_copy(update=seller or {}), **given
    )


def unchecked(document: Callable[..., Invoice], **fields: Any) -> Invoice:
    """A document that was issued without an e-invoice format, so that it may break the rules of its country's one."""
    seller = {"einvoice_format": "none", **fields.pop("seller", {})}
    return document(seller=seller, **fields)
