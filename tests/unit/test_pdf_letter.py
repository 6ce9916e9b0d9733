from decimal import Decimal
from typing import Any, get_args

import pytest

from invoicing.core.model import LANGUAGES
from invoicing.documents.texts.wording import Wording
from invoicing.payments.model import Method
from tests.unit.test_pdf import ADDRESS, CUSTOMER, INVOICE, LINE, letter_of, pdf_of, squeezed, text_of


def tax(category: str, rate: str, taxable: str, amount: str) -> dict[str, Any]:
    return {"category": category, "rate": rate, "taxable": taxable, "tax": amount}


def test_rows_above_the_total_name_discount_shipping_and_rates() -> None:
    made = letter_of(
        {
            **INVOICE,
            "discount": {"percent": "10", "amount": None, "reason": "Loyalty"},
            "subtotal": "43.95",
            "discount_amount": "4.40",
            "shipping_cost": "4.90",
            "tax_breakdown": [tax("S", "19", "29.67", "5.64"), tax("S", "7", "8.54", "0.60")],
        }
    )
    assert made["totals"] == [
        ["Subtotal (net)", "€43.95"],
        ["Discount 10% (Loyalty)", "-€4.40"],
        ["Shipping", "€4.90"],
        ["VAT 19% on €29.67", "€5.64"],
        ["VAT 7% on €8.54", "€0.60"],
    ]


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("AE", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("K", "innergemeinschaftliche"),
        ("E", "Umsatzsteuerfrei"),
    ],
)
def test_where_no_tax_is_charged_the_reason_is_given(category: str, said: str) -> None:
    made = letter_of({**INVOICE, "language": "de", "tax_breakdown": [tax(category, "0", "100.00", "0.00")]})
    assert said in made["remarks"][0]
    assert "100,00\u00a0€" in made["remarks"][0]
    assert len(made["totals"]) == 1


def test_a_reason_on_the_lines_replaces_the_default_one() -> None:
    reasons = ({"exemption_reason": "§ 19 UStG"}, {"exemption_code": "VATEX-EU-132-1B"})
    lines = [{**LINE, "tax": {"category": "E", "rate": "0", **why}} for why in reasons]
    untaxed = {**tax("E", "0", "100.00", "0.00"), "exemption_reason": "§ 19 UStG"}
    made = letter_of({**INVOICE, "lines": lines, "tax_breakdown": [untaxed]})
    assert made["remarks"] == ["§ 19 UStG: €100.00"]


def test_every_row_from_total_to_amount_due_is_shown() -> None:
    made = letter_of({**INVOICE, "paid": "1000.00", "credited": "69.13", "due": "400.00"})
    assert made["settlement"] == [["Paid", "-€1,000.00"], ["Credited", "-€69.13"], ["Amount due", "€400.00"]]
    assert made["payment"]["sentences"][0] == "Please pay €400.00 by Dec\u00a04,\u00a02026."


def test_the_cash_discount_deadline_is_printed() -> None:
    assert letter_of(INVOICE)["payment"]["sentences"][1] == "2% cash discount if paid by Nov\u00a027,\u00a02026."


@pytest.mark.parametrize("category", ["S", "O", "AE"])
def test_every_document_names_seller_and_buyer(category: str) -> None:
    seller = {**INVOICE["seller"], "tax_number": "27/123/45678"}
    buyer = {**CUSTOMER, "tax_id": "FR40303265045", "legal_id": "RCS Paris 303 265 045"}
    lines = [{**LINE, "tax": {"category": category, "rate": "19" if category == "S" else "0"}}]
    made = letter_of({**INVOICE, "lines": lines, "seller": seller, "customer": buyer})
    assert {"VAT ID DE123456789", "Tax no. 27/123/45678"} <= set(made["footer"][-2])
    assert ["Your VAT ID", "FR40303265045"] in made["facts"]
    assert ["Your registration", "RCS Paris 303 265 045"] in made["facts"]


@pytest.mark.parametrize(
    ("language", "ours", "theirs", "payee"),
    [
        ("de", "Unsere Kennung", "Ihre Kennung", "Zahlbar an Factor AG, F-1, 303265045 (SIREN)."),
        ("en", "Our ID", "Your ID", "Payable to Factor AG, F-1, 303265045 (SIREN)."),
        ("fr", "Notre identifiant", "Votre identifiant", "Payable à Factor AG, F-1, 303265045 (SIREN)."),
    ],
)
def test_the_identifiers_of_the_xml_are_printed(language: str, ours: str, theirs: str, payee: str) -> None:
    gln = {"id": "4012345000009", "scheme": "0088"}
    seller = {**INVOICE["seller"], "party_ids": [gln, {"id": "LIEF-7"}]}
    buyer = {**CUSTOMER, "party_id": {"id": "1", "scheme": "0193"}}
    factor = {"name": "Factor AG", "id": "F-1", "legal_id": "303265045", "legal_id_scheme": "0002"}
    place = {**ADDRESS, "name": "Lager", "location_id": "4098765000010", "location_id_scheme": "0088"}
    parties = {"seller": seller, "customer": buyer, "payee": factor, "ship_to": place}
    made = letter_of({**INVOICE, **parties, "language": language})
    shown = [one for one in made["facts"] if one[0] in (ours, theirs)]
    assert shown == [[ours, "4012345000009 (GLN)"], [ours, "LIEF-7"], [theirs, "1 (0193)"]]
    assert payee in made["payment"]["sentences"]
    assert any(value.startswith("Lager, 4098765000010 (GLN), Lindenstr. 14") for _, value in made["facts"])


def test_tax_in_another_currency_is_printed_below_the_total() -> None:
    declared = {**INVOICE, "currency": "USD", "tax_currency": "EUR", "exchange_rate": "0.9234"}
    assert letter_of(declared)["declared"] == [["VAT in EUR (1 USD = 0.9234 EUR)", "€216.60"]]
    assert squeezed("€216.60") in text_of(pdf_of(declared))
    assert letter_of({**INVOICE, "tax_currency": "EUR"})["declared"] == []


def test_an_account_is_printed_in_groups_with_the_reference() -> None:
    assert letter_of(INVOICE)["payment"]["accounts"] == [
        [
            ["Account holder", "Nordlicht GmbH"],
            ["IBAN", "DE02 1203 0000 0000 2020 51"],
            ["BIC", "BYLADEM1001"],
            ["Reference", "INV-2026-000042"],
        ]
    ]


def test_several_accounts_are_distinguished_by_labels() -> None:
    [account] = INVOICE["seller"]["bank_accounts"]
    other = {**account, "id": "other", "name": "Dollar", "account_holder": "Nordlicht Inc."}
    printed = letter_of({**INVOICE, "seller": {**INVOICE["seller"], "bank_accounts": [account, other]}})
    heads = [rows[:2] for rows in printed["payment"]["accounts"]]
    assert heads == [
        [["Bank account", "Hauptkonto"], ["Account holder", "Nordlicht GmbH"]],
        [["Bank account", "Dollar"], ["Account holder", "Nordlicht Inc."]],
    ]


def test_names_and_information_of_the_parties_are_printed() -> None:
    seller = {
        **INVOICE["seller"],
        "trading_name": "Nordlicht",
        "legal_information": "Managing director: Ada Nord\nLocal court of Hamburg, HRB 4711",
        "tax_representative": {
            "name": "Steuer GmbH",
            "vat_id": "ATU13585627",
            "address": {"line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"},
        },
    }
    buyer = {**CUSTOMER, "trading_name": "Lumen", "address": {**ADDRESS, "line3": "Backyard"}}
    [account] = seller["bank_accounts"]
    seller["bank_accounts"] = [{**account, "account_holder": None}]
    parties = {"seller": seller, "customer": buyer, "payee": {"name": "Factor AG"}}
    delivery = {"ship_to": {**ADDRESS, "name": "Warehouse South"}, "supporting_documents": [{"reference": "TS-1"}]}
    made = letter_of({**INVOICE, **parties, **delivery})
    assert made["recipient"] == ["Atelier Lumen", "Lumen", "Lindenstr. 14", "Backyard", "10969 Berlin"]
    assert made["footer"][0][:2] == ["Nordlicht GmbH", "Nordlicht"]
    assert made["legal"] == "Managing director: Ada Nord · Local court of Hamburg, HRB 4711"
    assert "Payable to Factor AG." in made["payment"]["sentences"]
    assert made["payment"]["accounts"][0][0] == ["Account holder", "Factor AG"]
    assert made["payment"]["code"].split("\n")[5] == "Factor AG"
    assert made["remarks"] == ["Tax representative: Steuer GmbH, Ring 1, 1010 Wien, AUSTRIA, ATU13585627"]
    assert ["Delivery address", "Warehouse South, Lindenstr. 14, 10969 Berlin"] in made["facts"]
    assert ["Enclosure", "TS-1"] in made["facts"]


def test_an_account_without_iban_is_printed_with_its_bank() -> None:
    giro = {"id": "giro", "name": None, "account_holder": None, "iban": None, "bic": None}
    seller = {**INVOICE["seller"], "bank_accounts": [{**giro, "account_number": "10020030", "bank_code": "3000"}]}
    printed = letter_of({**INVOICE, "seller": seller, "payment_means_text": "By bank giro"})
    [rows] = printed["payment"]["accounts"]
    assert rows[1:3] == [["Account no.", "10020030"], ["Bank code", "3000"]]
    assert printed["footer"][-1] == ["Account no. 10020030", "Bank code 3000"]
    assert "By bank giro" in printed["payment"]["sentences"]
    assert printed["payment"]["code"] is None, "banking apps read IBANs only"


def test_only_the_chosen_account_is_printed() -> None:
    other = {"id": "other", "name": "Other", "account_holder": None, "iban": "DE75512108001245126199", "bic": None}
    seller = {**INVOICE["seller"], "bank_accounts": [*INVOICE["seller"]["bank_accounts"], other]}
    made = letter_of({**INVOICE, "seller": seller, "bank_account_id": "other"})
    assert [account[1] for account in made["payment"]["accounts"]] == [["IBAN", "DE75 5121 0800 1245 1261 99"]]


@pytest.mark.parametrize("method", sorted({*get_args(Method)} - {"bank_transfer"}))
@pytest.mark.parametrize("language", LANGUAGES)
def test_other_payment_methods_print_no_account(method: str, language: str) -> None:
    payment = letter_of({**INVOICE, "language": language, "payment_method": method})["payment"]
    assert payment["sentences"][0].endswith(".")
    assert payment["accounts"] == []


def test_a_direct_debit_names_the_mandate_and_a_card_its_number() -> None:
    seller = {**INVOICE["seller"], "creditor_id": "DE98ZZZ09999999999"}
    mandate = {"reference": "M-89", "iban": "DE02120300000000202051", "signed_on": None}
    debit = {**INVOICE, "payment_method": "sepa_direct_debit", "seller": seller, "mandate": mandate}
    number, creditor = ["Mandate", "M-89"], ["Creditor ID", "DE98ZZZ09999999999"]
    shown = [number, creditor, ["IBAN", "DE02 1203 0000 0000 2020 51"]]
    assert letter_of(debit)["payment"]["accounts"] == [shown]
    drawn = {**debit, "mandate": {**mandate, "iban": None}}
    assert letter_of(drawn)["payment"]["accounts"] == [[number, creditor]]
    card = {"last_digits": "4242", "holder": "Ada Nord"}
    by_card = letter_of({**INVOICE, "payment_method": "card", "card": card, "mandate": mandate})
    assert by_card["payment"]["accounts"] == [[["Card ending in", "4242, Ada Nord"]]]
    assert len(letter_of({**INVOICE, "mandate": mandate, "card": card})["payment"]["accounts"][0]) > 1


def test_a_percentage_of_a_stated_base_names_the_base() -> None:
    entry = {"amount": "4.00", "percent": "5", "base": "80.00", "reason": "Packing", "reason_code": "PC"}
    whole = {**entry, "base": None, "amount": None}
    lines = [{**LINE, "charges": [entry, whole], "allowances": [{**entry, "percent": None, "base": None}]}]
    charges = [{**entry, "reason": None, "reason_code": None, "tax": {"category": "S", "rate": "19"}}]
    made = letter_of({**INVOICE, "lines": lines, "charges": charges, "shipping_cost": "4.00"})
    assert made["lines"][0]["notes"] == (
        "Discount €4.00 (Packing) · Surcharge 5% of €80.00 = €4.00 (Packing) · Surcharge 5% (Packing)"
    )
    assert ["Surcharge 5% of €80.00", "€4.00"] in made["totals"]


def test_a_paid_invoice_requests_no_payment() -> None:
    assert letter_of({**INVOICE, "due": "0.00"})["payment"]["sentences"] == ["Paid in full. Thank you."]


@pytest.mark.parametrize(
    ("kind", "title"), [("credit_note", "Rechnungskorrektur RK-1"), ("cancellation", "Stornorechnung RK-1")]
)
def test_a_correction_names_its_invoice_and_requests_no_payment(kind: str, title: str) -> None:
    earlier = {"invoice_id": None, "number": "RE-7", "issue_date": "2026-03-01"}
    facts = {"type": kind, "number": "RK-1", "references": [earlier], "payment_terms": None, "due_date": None}
    made = letter_of({**INVOICE, "language": "de", **facts})
    assert made["title"] == title
    assert ["Zur Rechnung", "RE-7 vom 01.03.2026"] in made["facts"]
    assert made["payment"]["accounts"] == []
    assert made["payment"]["sentences"] == ["Der Betrag wird mit Rechnung RE-7 verrechnet oder erstattet."]


def test_a_credit_note_prints_the_payment_details_that_it_states() -> None:
    facts = {
        "type": "credit_note",
        "payment_method": "bank_transfer",
        "payment_means_text": "Refund by transfer",
        "payment_terms_text": "Refunded on the first of a month.",
        "payee": {"name": "Factor AG"},
    }
    made = letter_of({**INVOICE, **facts, "payment_terms": None})
    assert ["Due date", "Dec\xa04,\xa02026"] in made["facts"]
    assert made["payment"]["sentences"] == [
        "The amount is set off or refunded.",
        "Payable to Factor AG.",
        "Refund by transfer",
        "Refunded on the first of a month.",
    ]
    assert ["IBAN", "DE02 1203 0000 0000 2020 51"] in made["payment"]["accounts"][0]
    assert made["payment"]["code"] is None
    for method, sentences in (("sepa_direct_debit", 1), ("cash", 2)):
        other = letter_of({**INVOICE, "type": "credit_note", "payment_method": method, "payment_terms": None})
        assert len(other["payment"]["sentences"]) == sentences
        assert other["payment"]["accounts"] == []


def test_inclusive_prices_are_shown_and_labeled_gross() -> None:
    made = letter_of({**INVOICE, "price_tax_inclusive": True})
    assert made["lines"][0]["amount"] == "1,469.13"
    assert (made["columns"][3], made["columns"][-1]) == ("Gross unit price", "Gross amount")
    assert made["declared"] == [["Includes VAT 19% on €1,234.56", "€234.57"]]


def test_rows_of_inclusive_prices_add_up_and_name_the_tax_below() -> None:
    """The example of the contract: 37.78 − 3.78 + 4.21 + 6.24 in net amounts."""
    lines = [{**LINE, "total": total} for total in ("29.97", "4.95", "9.03")]
    made = letter_of(
        {
            **INVOICE,
            "language": "fr",
            "price_tax_inclusive": True,
            "lines": lines,
            "discount": {"percent": "10", "amount": None, "reason": None},
            "shipping": {"amount": "4.90", "tax": None},
            "discount_amount": "3.78",
            "shipping_cost": "4.21",
            "tax": "6.24",
            "total": "44.45",
            "tax_breakdown": [tax("S", "19", "29.67", "5.64"), tax("S", "7", "8.54", "0.60")],
        }
    )
    assert made["totals"] == [
        ["Sous-total TTC", "43,95\u00a0€"],
        ["Remise 10\u00a0%", "-4,40\u00a0€"],
        ["Livraison", "4,90\u00a0€"],
    ]
    assert made["total"] == ["Total TTC", "44,45\u00a0€"]
    assert made["declared"] == [
        ["Dont TVA 19\u00a0% sur 29,67\u00a0€", "5,64\u00a0€"],
        ["Dont TVA 7\u00a0% sur 8,54\u00a0€", "0,60\u00a0€"],
    ]


def test_a_total_without_tax_is_not_called_a_total_with_tax() -> None:
    untaxed = {**INVOICE, "language": "fr", "tax_breakdown": [tax("AE", "0", "100.00", "0.00")]}
    assert letter_of(untaxed)["total"][0] == "Total"
    assert letter_of({**INVOICE, "language": "fr"})["total"][0] == "Total TTC"


def test_a_line_shows_all_decimals_of_its_price() -> None:
    line = {
        **LINE,
        "quantity": "-1200.5000",
        "unit": "HUR",
        "unit_price": "0.0001234500",
        "price_base_quantity": "1000",
        "discount": {"percent": None, "amount": "1.50", "reason": None},
        "serial_number": "SN-1",
        "period": {"start": "2026-11-01", "end": "2026-11-30"},
        "tax": {"category": "O"},
    }
    made = letter_of({**INVOICE, "language": "de", "lines": [line]})["lines"][0]
    assert (made["quantity"], made["unit"], made["price"], made["per"]) == (
        "-1.200,5",
        "Std.",
        "0,00012345",
        "je 1.000",
    )
    assert made["notes"] == "Rabatt 1,50\u00a0€ · Seriennr. SN-1 · 01.11.2026 \u2013 30.11.2026"
    assert made["tax"] == "\u2013"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "printed"),
    [
        ("1234", "JPY", "en", "¥1,234"),
        ("1.234", "KWD", "en", "KWD\u00a01.234"),
        ("1.234", "KWD", "de", "1,234\u00a0KWD"),
        ("1.250", "IQD", "de", "1,250\u00a0IQD"),
        ("-0.05", "USD", "en", "-$0.05"),
        ("123456789012345.67", "EUR", "fr", "123\u202f456\u202f789\u202f012\u202f345,67\u00a0€"),
    ],
)
def test_amounts_keep_the_digits_of_the_contract(amount: str, currency: str, language: str, printed: str) -> None:
    assert Wording.of(language).money(Decimal(amount), currency) == printed


def test_a_language_without_texts_is_printed_in_english() -> None:
    words = Wording.of("it-CH")
    assert (words.label("invoice"), words.money(Decimal("1234.50"), "EUR")) == ("Invoice", "€1,234.50")


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ({}, ["Lindenstr. 14", "10969 Berlin"]),
        ({"country": "FR", "postal_code": "75004", "city": "Paris"}, ["Lindenstr. 14", "75004 Paris", "FRANCE"]),
        (
            {"country": "US", "postal_code": "94103", "city": "San Francisco", "region": "CA"},
            ["Lindenstr. 14", "San Francisco, CA 94103", "UNITED STATES"],
        ),
        (
            {"country": "GB", "postal_code": "SW1A 1AA", "city": "London"},
            ["Lindenstr. 14", "London", "SW1A 1AA", "UNITED KINGDOM"],
        ),
    ],
)
def test_addresses_follow_the_custom_of_their_country(address: dict[str, str], lines: list[str]) -> None:
    made = letter_of({**INVOICE, "customer": {**CUSTOMER, "address": {**ADDRESS, **address}}})
    assert made["recipient"] == ["Atelier Lumen", *lines]


def test_a_region_has_its_own_labels() -> None:
    assert Wording.of("en-US").label("tax") == "Tax"
    assert Wording.of("en-GB").label("tax") == "VAT"
    assert Wording.of("de-CH").label("vat_id") == "MWST-Nr."


@pytest.mark.parametrize(
    ("language", "unit", "printed"),
    [
        ("de", "HUR", "Std. vor Ort"),
        ("de-AT", "HUR", "Std. vor Ort"),
        ("de-CH", "HUR", "Stunden"),
        ("en", "HUR", Wording.of("en").unit("HUR")),
        ("de", "KGM", Wording.of("de").unit("KGM")),
    ],
)
def test_units_have_the_names_of_the_company(language: str, unit: str, printed: str) -> None:
    seller = {**INVOICE["seller"], "units": {"HUR": {"de": "Std. vor Ort", "de-CH": "Stunden"}}}
    made = letter_of({**INVOICE, "seller": seller, "language": language, "lines": [{**LINE, "unit": unit}]})
    assert made["lines"][0]["unit"] == printed
