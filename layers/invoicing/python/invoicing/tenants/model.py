"""The company that issues the invoices."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from invoicing.core import currency
from invoicing.core.einvoice import DocumentNote, EinvoiceFormat, TaxPointCode
from invoicing.core.email_address import MOST_MAILBOX, Email, mailbox
from invoicing.core.errors import DateNotAllowed, Invalid, SenderNotGranted, Violation
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import FormId
from invoicing.core.model import (
    Aggregate,
    Amount,
    Code,
    CurrencyCode,
    Day,
    Internal,
    Language,
    ShortText,
    copied,
    local_date,
    values_of,
)
from invoicing.core.party import BankAccount, PaymentTerms, Seller, SellerData
from invoicing.core.stored_file import Logo
from invoicing.numbering.model import MANDATE, NumberSeries, can_collide, default_series, type_of
from invoicing.numbering.rf import reference_mistakes
from invoicing.pricing.tax import Tax
from invoicing.tenants.banking import SEPA_COUNTRIES, BankMatching, CollectionSettings
from invoicing.tenants.base_rates import BaseRates, base_rates
from invoicing.tenants.csv_profile import CsvProfile
from invoicing.tenants.email_identity import OperatorSettings, canonical, is_granted
from invoicing.tenants.errors import BankAccountNotFound, SenderMissing, SourceNotAllowed
from invoicing.tenants.late_interest import BaseRate
from invoicing.tenants.mail_text import MOST_COPIES, MailText
from invoicing.tenants.product_families import ProductFamily
from invoicing.tenants.subscription_notices import SubscriptionNotices


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("time_zone", "Input should be an IANA time zone") from None
    return name


def late_payment_fees() -> dict[str, Decimal]:
    """The flat fee that a company owes once for paying late (Directive 2011/7/EU article 6: 40 euros)."""
    return {"EUR": Decimal("40.00")}


_HIGHEST_COUNT: Final = 999_999_999_999
MOST_NOTES: Final = 10
"""A document has its own notes beside them."""
EINVOICING = frozenset({"DE", "FR"})
"""Countries where companies have to receive e-invoices and software reads Factur-X (ZUGFeRD)."""


class TenantBankAccount(BankAccount):
    """A bank account of the company, whose statements can be uploaded."""

    csv_profile: Annotated[CsvProfile | None, Internal] = None
    """How the bank writes CSV files; an upload can name another. Null without such files."""


class TenantData(SellerData):
    """The fields of a tenant that can be changed."""

    bank_accounts: Annotated[tuple[TenantBankAccount, ...], Field(max_length=10)] = ()
    """Bank accounts that customers can pay to, at most 10."""
    language: Language = "en"
    """Language of documents and mails, where the customer has none."""
    currency: CurrencyCode = "EUR"
    """Currency of documents, where the customer has none."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """IANA time zone, such as `Europe/Berlin`. It decides which calendar date an instant belongs to."""
    number_series: Annotated[dict[str, NumberSeries], Field(max_length=100)] = Field(default_factory=default_series)
    """Number series by name. Each type of document requires one; at most 100."""
    payment_reference_format: Literal["number", "rf"] = "number"
    """Reference on new invoices that name none of their own: their number, or its RF reference (ISO 11649).

    RF references have at most 21 letters and digits, which the patterns of invoices have to fit into.
    """
    payment_terms: PaymentTerms = PaymentTerms(days=14)
    """Payment terms, where the customer has none."""
    form_id: FormId | None = None
    """Identifier of the default document form, which applies where neither document nor customer names one.

    Null is the plain design.
    """
    default_tax: Tax | None = None
    """Tax of adjustments and products that name none."""
    einvoice_format: EinvoiceFormat = "none"
    """Format of e-invoices, where the customer has none. It is `zugferd` for new tenants in Germany and France."""
    notes: Annotated[tuple[DocumentNote, ...], Field(max_length=MOST_NOTES)] = ()
    """Notes on each document (EN 16931 BG-1), at most 10. A document's own note of the same subject takes precedence.

    France requires notes of the subjects `PMT`, `PMD` and `AAB`.
    """
    business_process: Annotated[ShortText | None, Field(examples=["S1"])] = None
    """Business process of documents that name none (EN 16931 BT-23). Formats with a usual process keep that one."""
    tax_point_code: TaxPointCode | None = None
    """Event that makes the tax due (EN 16931 BT-8), on documents with tax that name no other event or date.

    `432` is for companies that account for the tax when they are paid.
    """
    service_date_is_issue_date: Annotated[
        bool, Field(description="Invoices without a service period state their issue date as the date of supply.")
    ] = False
    """Whether invoices without a service period state their issue date as the date of supply."""
    email_sender: Email | None = None
    """Address that mails are sent from: one of `email_identities`, or an address of a domain among them."""
    email_sender_name: Annotated[ShortText, Field(max_length=100)] | None = None
    """Name beside the sender's address, such as `Kontor Nord`, up to 100 characters; fewer in other scripts, because
    e-mail encodes them. Null sends the address alone."""
    email_texts: Annotated[dict[Language, MailText], Field(max_length=20)] = Field(default_factory=dict)
    """Subject and text of mails with invoices by language tag, at most 20. Self-billed ones have the default text."""
    email_bcc: Annotated[tuple[Email, ...], Field(max_length=MOST_COPIES)] = ()
    """Recipients of a blind copy of each mail, at most 5."""
    base_rates: Annotated[tuple[BaseRate, ...], Field(max_length=200)] = ()
    """Base rates for interest on late payment, at most 200. They take precedence over the built-in rates."""
    late_payment_fees: Annotated[dict[CurrencyCode, Amount], Field(max_length=20)] = Field(
        default_factory=late_payment_fees
    )
    """Flat fee for late payment by companies, by currency code (Directive 2011/7/EU, article 6). At most 20."""
    cash_rounding: Annotated[dict[CurrencyCode, Amount], Field(max_length=20, examples=[{"CHF": "0.05"}])] = Field(
        default_factory=dict
    )
    """Step to which amounts due are rounded, by currency code (EN 16931 BT-114), such as 0.05 for CHF. At most 20.

    The `rounding` of a draft takes precedence.
    """
    product_families: Annotated[tuple[ProductFamily, ...], Field(max_length=100)] = ()
    """Families of products that customers can change between, at most 100."""
    bank_matching: BankMatching = BankMatching()
    """Allocation of bank transactions by rule."""
    collection: CollectionSettings = CollectionSettings()
    """Direct debits, and the files for the bank."""
    subscription_notices: SubscriptionNotices = SubscriptionNotices()
    """Number of days before which subscriptions are announced: invoices, ends of trials and other prices."""
    books_closed_until: Day | None = None
    """Last day of the closed books. Documents cannot be issued on this day or before."""
    event_sources: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    """Sources of events that the tenant accepts, such as `orders`; at most 20."""


class Tenant(TenantData, OperatorSettings, Aggregate):
    """The company that issues invoices with this service, with its settings."""

    object: Literal["tenant"] = "tenant"
    logo: Logo | None = None
    """Logo on the tenant's documents; null if there is none."""
    created_by: Reference | None = None
    updated_by: Reference | None = None

    @classmethod
    def new(cls, id_: str, data: TenantData, operator: OperatorSettings, at: datetime) -> Self:
        """A new company.

        Unless its data names a format, a company in a country of `EINVOICING` starts with one that is both a PDF and an
        e-invoice.
        """
        given = dict(data)
        if "einvoice_format" not in data.model_fields_set and data.address.country in EINVOICING:
            given["einvoice_format"] = "zugferd"
        return cls(**given, **dict(operator), id=id_, created_at=at, updated_at=at)

    def changed(self, data: TenantData, moment: Moment) -> Self:
        """The company with other data. Checks every number that can be checked.

        A sender that stays as it is, is not checked again: a tenant whose identity was revoked can still edit the rest,
        and no mail leaves from that sender.
        """
        wrong = list(violations(data, self))
        if data.email_sender != self.email_sender:
            wrong += sender_violations(data.email_sender, self.email_identities)
        if (data.email_sender, data.email_sender_name) != (self.email_sender, self.email_sender_name):
            wrong += _mailbox_violations(data.email_sender, data.email_sender_name)
        if wrong:
            raise Invalid(errors=tuple(wrong))
        return self.model_copy(update={**dict(data), **moment.updated})

    def operated(self, settings: OperatorSettings, at: datetime) -> Self:
        """The company with other settings of the operator."""
        return self.model_copy(update={**dict(settings), "updated_at": at, "updated_by": None})

    def shown_with(self, logo: Logo | None, moment: Moment) -> Self:
        """The company with another logo on the documents that it issues from now on, or with none."""
        return self.model_copy(update={"logo": logo, **moment.updated})

    @property
    def data(self) -> TenantData:
        """The fields that can be changed."""
        return copied(TenantData, self)

    @property
    def operator_settings(self) -> OperatorSettings:
        """The settings that only the operator changes."""
        return copied(OperatorSettings, self)

    def require_sender(self, pointer: str | None = None) -> str:
        """The sender address of the tenant's mails. Refused while the operator does not grant it."""
        if self.email_sender is None:
            raise SenderMissing(pointer=pointer)
        if not is_granted(self.email_sender, self.email_identities):
            raise SenderNotGranted(pointer=pointer)
        return canonical(self.email_sender)

    @property
    def known_base_rates(self) -> BaseRates:
        """The base rates of the company's country with its own in their place."""
        return base_rates(self.address.country if self.address else None, self.base_rates)

    def require_bank_account(self, id_: str | None) -> TenantBankAccount | None:
        """A bank account, if one is named. Refuses one that is not the tenant's."""
        found = next((account for account in self.bank_accounts if account.id == id_), None)
        if id_ is not None and found is None:
            raise BankAccountNotFound(pointer="/bank_account_id")
        return found

    @property
    def collecting_accounts(self) -> tuple[TenantBankAccount, ...]:
        """The bank accounts that direct debits and transfers of SEPA can be booked on."""
        return tuple(one for one in self.bank_accounts if one.iban and one.iban[:2] in SEPA_COUNTRIES)

    def today(self, now: datetime) -> date:
        """The calendar date in the tenant's time zone."""
        return local_date(now, self.time_zone)

    def require_issue_date(self, issue_date: date, today: date) -> None:
        """Refuse an issue date in the future or in closed books."""
        if issue_date > today:
            raise DateNotAllowed("The issue date is in the future.", pointer="/issue_date")
        if self.books_closed_until is not None and issue_date <= self.books_closed_until:
            raise DateNotAllowed("The books are closed for this issue date.", pointer="/issue_date")

    @property
    def seller(self) -> Seller:
        """The copy of the company on issued documents."""
        accounts = tuple(copied(BankAccount, one) for one in self.bank_accounts)
        return Seller(**values_of(self, Seller.model_fields) | {"bank_accounts": accounts})

    def require_source(self, source: str) -> None:
        """Refuse events of a source that the company does not accept."""
        if source not in self.event_sources:
            raise SourceNotAllowed(f"The tenant does not accept events from the source {source}.")


def violations(data: TenantData, before: TenantData | None = None) -> Iterator[Violation]:
    """The mistakes in a company's numbers: check digits, and series that would assign a number twice.

    Identifiers that the company already had are not checked again: the rules of their schemes can be newer.
    """
    # Loaded here, because only changes of a company need it.
    from stdnum.eu import at_02

    from invoicing.core import identifiers

    yield from (_wrong(*one) for one in identifiers.account_mistakes("/bank_accounts", data.bank_accounts))
    if data.vat_id is not None and not identifiers.vat_id(data.vat_id):
        yield _wrong("/vat_id", "This is no VAT id of that country: its form or its check digit is wrong")
    if data.electronic_address is not None and not (before and before.electronic_address == data.electronic_address):
        yield from (_wrong(*mistake) for mistake in identifiers.address_mistakes(data.electronic_address))
    legal_id = data.legal_id, data.legal_id_scheme
    if not (before and (before.legal_id, before.legal_id_scheme) == legal_id):
        yield from (_wrong(*one) for one in identifiers.identifier_mistakes("/legal_id", *legal_id))
    for place, one in enumerate(data.party_ids):
        if before and one in before.party_ids:
            continue
        yield from (_wrong(*mistake) for mistake in identifiers.party_id_mistakes(f"/party_ids/{place}", one))
    representative = identifiers.representative_mistakes("/tax_representative", data.tax_representative)
    yield from (_wrong(*one) for one in representative)
    if data.creditor_id is not None and not at_02.is_valid(data.creditor_id):
        yield _wrong("/creditor_id", "Input should be a SEPA creditor identifier with its check digits right")
    if data.currency not in currency.EXPONENTS:
        yield _wrong("/currency", "Input should be a currency of ISO 4217")
    yield from _repetitions("/product_families", [family.code for family in data.product_families])
    yield from _step_violations(data.cash_rounding)
    yield from _series_violations(data.number_series)
    yield from _series_collisions(data.number_series, before.number_series if before else {})
    if data.payment_reference_format == "rf":
        yield from (_wrong(*one) for one in reference_mistakes(data.number_series.values()))


def sender_violations(sender: str | None, identities: Collection[str]) -> Iterator[Violation]:
    """The mistake in a sender that is none of the identities that the operator granted."""
    if sender is not None and not is_granted(sender, identities):
        granted = ", ".join(identities) or "none so far"
        yield _wrong("/email_sender", f"Input should be an address that the operator granted to the tenant: {granted}")


def _mailbox_violations(sender: str | None, name: str | None) -> Iterator[Violation]:
    """The mistake in a name that is too long beside its address: letters that are not ASCII take several characters."""
    if name is not None and len(mailbox(name, sender or "")) > MOST_MAILBOX:
        message = f"Input should have at most {MOST_MAILBOX} characters with its address, encoded for e-mail (RFC 2047)"
        yield _wrong("/email_sender_name", message)


def _repetitions(pointer: str, codes: Sequence[str]) -> Iterator[Violation]:
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield _wrong(f"{pointer}/{place}/code", "Another entry has this code")


def _step_violations(steps: Mapping[str, Decimal]) -> Iterator[Violation]:
    for code, step in steps.items():
        digits = currency.EXPONENTS.get(code)
        if digits is None:
            yield _wrong(f"/cash_rounding/{code}", "Input should be a currency of ISO 4217")
        elif step <= 0 or step.as_tuple().exponent != -digits:
            message = f"Input should be an amount above zero with the {digits} decimals of {code}"
            yield _wrong(f"/cash_rounding/{code}", message)


def _series_violations(every: dict[str, NumberSeries]) -> Iterator[Violation]:
    from invoicing.core.identifiers import is_bank_reference

    for missing in default_series().keys() - every.keys():
        yield _wrong(f"/number_series/{missing}", "Documents of this type need a series")
    for name, series in every.items():
        place = f"/number_series/{name}"
        if series.name != name:
            yield _wrong(f"{place}/name", "The series is named as its key")
        if not type_of(name):
            yield _wrong(f"{place}/name", "A series is named by its type of document, or by that and a customer group")
        if type_of(name) == MANDATE and not is_bank_reference(series.number(_HIGHEST_COUNT, date.max)):
            yield _wrong(f"{place}/pattern", "References of mandates have up to 35 characters, none of them _ or |")
        if series.yearly_reset and not series.names_year:
            yield _wrong(f"{place}/pattern", "Numbers that begin again each year need the year: {yyyy} or {yy}")


def _series_collisions(every: Mapping[str, NumberSeries], before: Mapping[str, NumberSeries]) -> Iterator[Violation]:
    """Series that could print one number twice. Two unchanged series are not checked again."""
    changed = {name for name, series in every.items() if before.get(name) != series}
    for (one, first), (two, second) in combinations(every.items(), 2):
        if {one, two} & changed and can_collide(first, second):
            place, other = (two, one) if two in changed else (one, two)
            yield _wrong(f"/number_series/{place}/pattern", f"This pattern can print numbers of the series {other}")


def _wrong(pointer: str, message: str) -> Violation:
    return Violation(pointer, Invalid.code, message)
