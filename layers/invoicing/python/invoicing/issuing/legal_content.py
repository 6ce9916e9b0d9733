"""Content that the law of the seller's country requires on an invoice in any format.

Implemented for Germany: § 14 (4) UStG lists the content, § 33 UStDV exempts invoices of up to 250 euros from most of
it. An incomplete invoice gets no number, because the buyer could not deduct the tax.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from invoicing.core.currency import converted
from invoicing.core.errors import RuleBroken, Violation
from invoicing.core.party import Address, SellerData
from invoicing.issuing.vat_rules import outside_scope, seller_vat_id
from invoicing.pricing.line import Period

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice
    from invoicing.tenants.model import Tenant

_SMALL: Final = Decimal("250.00")
LEGAL_INFORMATION_MISSING: Final = "LEGAL_INFORMATION_MISSING"
WITHOUT_LEGAL_INFORMATION: Final = (
    "A German registered company names its legal form, seat, register court and number, and its directors on its "
    "letters (§ 35a GmbHG, § 80 AktG, § 125 HGB; BT-33)."
)
_REGISTERED: Final = re.compile(
    r"(^|[\s.&])(g?GmbH|mbH|AG|SE|KG|KGaA|OHG|eG|e\. ?K\.|g?UG( ?\(haftungsbeschränkt\))?)$"
)
"""The end of the name of a German company that is entered in a register."""
_NEVER_SMALL: Final = frozenset({"K", "AE"})
"""§ 33 sentence 3 UStDV: no exemption for intra-Community supplies (§ 6a UStG) and reverse charge (§ 13b UStG)."""


class LegalContentMissing(RuleBroken):
    """The invoice lacks content that the law of the seller's country requires; each is named in `errors`.

    Add each field that `errors` names. No number was used.
    """

    code = "LEGAL_CONTENT_MISSING"


def missing_content(invoice: "Invoice") -> Iterator[Violation]:
    """Content that the law requires and that the document with frozen parties does not have.

    § 14 UStG is about supplies in the scope of VAT, so a document without any (category O) needs nothing of it.
    """
    seller, buyer = invoice.seller, invoice.customer
    if seller is None or buyer is None:
        raise AssertionError("parties are frozen before rules are asked")
    if seller.address.country != "DE" or invoice.type != "invoice" or outside_scope(invoice):
        return
    if not _complete(seller.address):
        yield _lacking("1", "/seller/address", "the seller's complete address (BG-5)")
    if is_small(invoice):
        return
    if not _complete(buyer.address):
        yield _lacking("1", "/customer/address", "the buyer's complete address (BG-8)")
    if not (seller_vat_id(seller) or seller.tax_number):
        yield _lacking("2", "/seller/tax_number", "the seller's tax number or VAT id (BT-32, BT-31)")
    # Nothing is supplied yet when a deposit is asked for (no. 6: the date of payment, where it is known).
    if invoice.purpose != "deposit" and not has_service_date(invoice):
        yield _lacking("6", "/service_period", "the date or period of supply (BT-72, BG-14)")


def lacks_legal_information(seller: SellerData) -> bool:
    """Whether letters of the company lack its register court and directors, which German registered companies show.

    § 35a GmbHG, § 80 AktG, § 125 HGB and § 25a GenG require them on letters to a recipient, invoices among them.
    """
    in_germany = seller.address.country == "DE"
    return in_germany and not seller.legal_information and bool(_REGISTERED.search(seller.name.strip()))


def with_declared_service_date[I: "Invoice"](invoice: I, tenant: "Tenant") -> I:
    """The invoice with its issue date as the date of supply, if the tenant declares that and gives no other date."""
    day = invoice.issue_date
    if not tenant.service_date_is_issue_date or day is None or has_service_date(invoice):
        return invoice
    if invoice.type != "invoice" or invoice.purpose == "deposit":
        return invoice
    return invoice.model_copy(update={"service_period": Period(start=day, end=day)})


def has_service_date(invoice: "Invoice") -> bool:
    """Whether the document, or each of its lines, has a date or period of supply."""
    stated = invoice.service_period or invoice.delivery_date
    return stated is not None or all(line.period for line in invoice.lines)


def is_small(invoice: "Invoice") -> bool:
    """Whether § 33 UStDV exempts the invoice. An amount without a rate to the euro counts as too large."""
    if any(tax.category in _NEVER_SMALL for tax in invoice.tax_breakdown):
        return False
    if invoice.currency == "EUR":
        return invoice.total <= _SMALL
    if invoice.tax_currency != "EUR" or invoice.exchange_rate is None:
        return invoice.total == 0
    return converted(invoice.total, invoice.exchange_rate, "EUR") <= _SMALL


def _complete(address: Address | None) -> bool:
    """A city with a street, or with the postal code that large recipients have in place of one (UStAE 14.5 (2))."""
    return bool(address and address.city and (address.line1 or address.postal_code))


def _lacking(number: str, pointer: str, what: str) -> Violation:
    rule = f"DE-USTG-14-4-{number}"
    return Violation(pointer, rule, f"A German seller's invoice needs {what} (§ 14 (4) no. {number} UStG).")
