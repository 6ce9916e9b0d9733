"""The fields that a customer may see in the portal, by model. A new field is hidden by `Internal`, or added here."""

JUDGED: dict[str, str] = {
    "Activity": """
        object id version invoice_id type action_key comment raw_comment public pinned mentions user
        by_customer created_at deleted_at
    """,
    "Address": "line1 line2 line3 postal_code city region country",
    "Attachment": "description reference url name content_type size sha256",
    "Anchor": "day month weekday",
    "Author": "id first_name last_name full_name initials avatar_url deactivated",
    "BankAccount": "id account_holder iban bic account_number bank_code",
    "BilledPeriod": "subscription_id period",
    "Buyer": """
        type name first_name last_name emails phone address tax_id legal_id legal_id_scheme trading_name
        party_id leitweg_id electronic_address supplier
    """,
    "Cancellation": "at on refund credit_note_ids",
    "Card": "last_digits holder",
    "Charge": "kind level amount set_off",
    "Contact": "name phone email",
    "CountedOccurrences": "max done",
    "CountedPage[Activity]": "object data has_more next_cursor total",
    "CreditSettlement": "set_off refund cash_discount deposits earlier",
    "Delivery": "line1 line2 line3 postal_code city region country name location_id location_id_scheme",
    "Deposit": "invoice_id number issue_date net tax total due tax_breakdown",
    "Discount": "percent amount reason",
    "DocumentAllowance": "amount percent base reason reason_code tax",
    "DocumentCharge": "amount percent base reason reason_code tax",
    "DocumentNote": "text subject_code",
    "DocumentReference": "invoice_id number issue_date",
    "Dunning": """
        disabled paused_until customer_type level last_at next_at due_date flat_fee_charged charges fees
        interest fees_paid fees_due
    """,
    "DunningDocument": """
        object id version created_at updated_at number series invoice_id invoice_number customer_id
        customer_name level type status language currency issue_date due_date open fee flat_fee charges fees
        interest interest_periods total pdf sent_at canceled_at
    """,
    "EarlierCredit": "number issue_date amount",
    "ElectronicAddress": "scheme id",
    "InterestPeriod": "start end days amount rate",
    "Interval": "unit count",
    "Invoice": """
        customer customer_address ship_to payee price_tax_inclusive delivery_date service_period
        contract_reference buyer_reference project_reference tender_reference object_id object_scheme
        sales_order_id despatch_reference receiving_reference accounting_reference business_process
        tax_point_date tax_point_code notes payment_terms_text payment_reference references
        supporting_documents tax_currency exchange_rate discount shipping allowances charges prepaid title
        introduction note closing mandate card payment_means_code payment_means_text object id version
        created_at updated_at type purpose type_code status payment_status overdue number series language
        external_id customer_id customer_name currency issue_date due_date payment_terms order_id
        purchase_order_id payment_method dunning bank_account_id subtotal discount_amount shipping_cost tax
        total prepaid_amount split_tax prepaid_refunded deposits_released rounding payable paid credited
        cash_discount_taken written_off due refund_due refunded canceled_amount cash_discount_granted
        last_payment files origin finalized_at sent_at overdue_at canceled_at closed_at close_reason
        reactivated_at cancellation_id credit_note_ids correction_id final_invoice_id corrects_id seller
        pay_by lines tax_breakdown deposits attachments credit_reason einvoice_format paid_at_issue credit_settlement
        subscription_ids subscription_periods
    """,
    "InvoiceSummary": """
        object id version created_at updated_at type purpose type_code status payment_status overdue number
        series language external_id customer_id customer_name currency issue_date due_date payment_terms
        order_id purchase_order_id payment_method dunning bank_account_id subtotal discount_amount
        shipping_cost tax total prepaid_amount split_tax prepaid_refunded deposits_released rounding payable paid
        credited cash_discount_taken written_off due refund_due refunded canceled_amount
        cash_discount_granted last_payment files origin finalized_at sent_at overdue_at canceled_at
        closed_at close_reason reactivated_at cancellation_id credit_note_ids correction_id final_invoice_id
        corrects_id
        subscription_ids subscription_periods
    """,
    "Item": """
        id line quantity interval timing start_date end_date first once tax price_id price_version price_policy
        product_id
    """,
    "ItemAttribute": "name value",
    "ItemClassification": "id scheme version",
    "Line": """
        item_id buyer_item_id standard_item_id standard_item_scheme classifications origin_country
        attributes note object_id object_scheme order_line name description quantity unit unit_price
        price_base_quantity gross_price price_discount discount allowances charges tax accounting_code
        period serial_number warehouse ordered_quantity id net net_given tax_amount total package_name
        price_id price_version price_tier
    """,
    "LineAllowance": "amount percent base reason reason_code",
    "LineCharge": "amount percent base reason reason_code",
    "Logo": "id sha256 size width height",
    "Mandate": "reference iban signed_on",
    "NewDownloadLink": """
        object id version created_at updated_at invoice_id document_id note_id file expires_at revoked_at
        uses digest url
    """,
    "NextPeriod": "start end bill_on",
    "Notice": "unit count ends_at",
    "Page[DunningDocument]": "object data has_more next_cursor",
    "Page[InvoiceSummary]": "object data has_more next_cursor",
    "Page[SubscriptionSummary]": "object data has_more next_cursor",
    "Paid": "id date amount",
    "PartyId": "id scheme",
    "Payee": "name id id_scheme legal_id legal_id_scheme",
    "PaymentInstructions": "payment_method payment_means_code payment_means_text bank_account_id mandate card",
    "PaymentTerms": "days discount_percent discount_days second_discount_percent second_discount_days",
    "Pause": "first last",
    "Period": "start end",
    "Prepaid": "amount date references",
    "PrepaidReference": "invoice_id number issue_date amount tax_breakdown",
    "PrepaidTax": "category rate taxable tax",
    "RecurringLine": """
        item_id buyer_item_id standard_item_id standard_item_scheme classifications origin_country
        attributes note object_id object_scheme order_line name description quantity unit unit_price
        price_base_quantity gross_price price_discount discount allowances charges tax accounting_code
        period serial_number warehouse ordered_quantity net package_name
    """,
    "Renewal": "mode count unit",
    "Seller": """
        name address vat_id tax_number legal_id legal_id_scheme trading_name party_ids legal_information
        tax_representative contact electronic_address bank_accounts units creditor_id logo
    """,
    "Shipping": "amount tax",
    "StoredFile": "id status sha256 size",
    "Subscription": """
        object id version created_at updated_at status external_id customer_id currency price_tax_inclusive
        start_date trial_end ends_on anchor action hour lead_days grace_days tracks occurrences
        purchase_order_id payment_terms payment_method language texts discount items term renewal notice
        cancellation paused renews_on
    """,
    "SubscriptionSummary": """
        object id version created_at updated_at status external_id customer_id currency start_date trial_end
        ends_on anchor action hour lead_days grace_days tracks occurrences purchase_order_id payment_terms
        cancellation paused renews_on
    """,
    "Supplier": "tax_number party_ids legal_information tax_representative bank_accounts",
    "SupportingDocument": "reference description url",
    "Tax": "category rate code exemption_reason exemption_code",
    "TaxAmount": "category rate taxable tax exemption_reason exemption_code",
    "TaxRepresentative": "name vat_id address",
    "Texts": "title introduction closing",
    "Track": "interval timing billed_through next",
}
