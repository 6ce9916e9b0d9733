"""French."""

from invoicing.documents.texts.model import DisabledMail, DocumentMail, Message, ReceiptMail, Texts

_LABELS = {
    "invoice": "Facture",
    "credit_note": "Avoir",
    "cancellation": "Facture d’annulation",  # noqa: RUF001 — French
    "deposit_invoice": "Facture d’acompte",  # noqa: RUF001 — French
    "final_invoice": "Facture de solde",
    "type_204": "Évaluation de paiement",
    "type_326": "Facture partielle",
    "type_384": "Facture rectificative",
    "type_387": "Facture de location",
    "type_389": "Autofacturation",
    "type_393": "Facture affacturée",
    "type_575": "Facture de l’assureur",  # noqa: RUF001 — French
    "type_751": "Informations de facturation pour la comptabilité",
    "type_875": "Facture de situation de travaux",
    "type_876": "Décompte partiel de travaux",
    "type_877": "Décompte final de travaux",
    "draft": "Brouillon",
    "number_invoice": "Facture n°",
    "number_credit_note": "Avoir n°",
    "number_cancellation": "Annulation n°",
    "issue_date": "Date",
    "due_date": "Échéance",
    "tax_point_date": "Date d’exigibilité",  # noqa: RUF001 — French
    "tax_point_3": "Exigibilité de la taxe : à l’émission de la facture (d’après les débits).",  # noqa: RUF001 — French
    "tax_point_35": "Exigibilité de la taxe : à la livraison.",
    "tax_point_432": "Comptabilité de caisse : taxe exigible à l’encaissement.",  # noqa: RUF001 — French
    "service_period": "Période",
    "from_day": "à partir du {date}",
    "until_day": "jusqu’au {date}",  # noqa: RUF001 — French
    "service_date": "Date de prestation",
    "is_issue_date": "celle de la facture",
    "customer_tax_id": "Votre n° de TVA",
    "customer_tax_number": "Votre numéro fiscal",
    "customer_legal_id": "Votre immatriculation",
    "customer_id": "Votre identifiant",
    "seller_id": "Notre identifiant",
    "order": "Votre commande",
    "contract": "Contrat",
    "sales_order": "Notre commande",
    "project": "Projet",
    "tender": "Marché",
    "object": "Objet",
    "despatch": "Bon de livraison",
    "receiving": "Avis de réception",
    "accounting_reference": "Votre imputation",
    "buyer_reference": "Votre référence",
    "reference": "Pour la facture",
    "reference_of": "{number} du {date}",
    "supporting_document": "Annexe",
    "document_RIB": "Relevé d’identité bancaire",  # noqa: RUF001 — French
    "document_LISIBLE": "Version lisible",
    "document_FEUILLE_DE_STYLE": "Feuille de style",
    "document_PJA": "Pièce jointe",
    "document_BORDEREAU_SUIVI": "Bordereau de suivi",
    "document_DOCUMENT_ANNEXE": "Document annexe",
    "document_BON_LIVRAISON": "Bon de livraison",
    "document_BON_COMMANDE": "Bon de commande",
    "document_BORDEREAU_SUIVI_VALIDATION": "Bordereau de suivi validé",
    "document_ETAT_ACOMPTE": "État d’acompte",  # noqa: RUF001 — French
    "document_FACTURE_PAIEMENT_DIRECT": "Facture en paiement direct",
    "document_RECAPITULATIF_COTRAITANCE": "Récapitulatif de cotraitance",
    "note_MEMBRE_ASSUJETTI_UNIQUE": "Membre d’un assujetti unique",  # noqa: RUF001 — French
    "payee": "Payable à {payee}.",
    "tax_representative": "Représentant fiscal : {representative}",
    "supplier_legal": "Mentions du fournisseur : {text}",
    "deliver_to": "Adresse de livraison",
    "position": "N°",
    "description": "Désignation",
    "quantity": "Quantité",
    "unit_price": "Prix unitaire HT",
    "unit_price_inclusive": "Prix unitaire TTC",
    "tax": "TVA",
    "amount": "Montant HT",
    "amount_inclusive": "Montant TTC",
    "per": "par {quantity}",
    "package": "Lot\u00a0: {package}",
    "package_subtotal": "Sous-total {package}",
    "line_discount": "Remise {what}",
    "serial": "N° de série {number}",
    "item": "Réf. {value}",
    "buyer_item": "Votre réf. {value}",
    "standard_item": "Réf. standard {value}",
    "classification": "Classification {value}",
    "line_object": "Objet {value}",
    "order_line": "Ligne de votre commande {value}",
    "origin": "Origine\u00a0: {value}",
    "serial_number": "Numéro de série",
    "subtotal": "Sous-total HT",
    "subtotal_inclusive": "Sous-total TTC",
    "discount": "Remise",
    "shipping": "Livraison",
    "charge": "Supplément",
    "line_charge": "Supplément {what}",
    "gross_price": "Prix catalogue {price}",
    "price_discount": " moins {amount}",
    "prepaid": "Acompte",
    "earlier_debt": "Solde antérieur",
    "on_date": " du {date}",
    "deposit": "Acompte {number}",
    "deposit_of": "Facture d’acompte {number} du {date}\u00a0: {parts}\u00a0; total {total}.",  # noqa: RUF001 — French
    "deposit_part": "{net} HT plus TVA {rate} de {tax}",
    "split_tax": "TVA que le client verse à l’État",  # noqa: RUF001 — French
    "split_rest": "Montant sans cette TVA",
    "split_payment": (
        "Paiement scindé (scissione dei pagamenti, art. 17-ter du DPR 633/1972)\u00a0: le client verse la TVA à l’État."  # noqa: RUF001 — French
    ),
    "rounding": "Arrondi",
    "tax_of": "TVA {rate} sur {taxable}",
    "included_tax_of": "Dont TVA {rate} sur {taxable}",
    "total": "Total TTC",
    "total_untaxed": "Total",
    "tax_in": "TVA en {currency} (1 {of} = {rate} {currency})",
    "paid": "Payé",
    "cash_discount_taken": "Escompte",
    "credited": "Crédité",
    "written_off": "Passé en perte",
    "due": "Montant dû",
    "refund_due": "À rembourser",
    "untaxed_of": "{reason} : {taxable}",
    "settlement": "Règlement",
    "decimal_mark": ",",
    "tier_first": "jusqu'à {end}",
    "tier": "au-delà de {start} jusqu'à {end}",
    "tier_last": "au-delà de {start}",
    "flat_amount": "montant forfaitaire",
    "free_units": "gratuit",
    "packages": "lots de {size}",
    "percent_of": "{percent} % du montant",
    "share_of": "{percent} de {base}",
    "per_event": "par opération",
    "minimum": "complément au minimum",
    "credit_on": "Avoir sur {number}",
    "share": "{quantity} ×, {days} jours sur {of}",
    "set_off": "Le montant est compensé ou remboursé.",
    "set_off_with": "Le montant est imputé sur la facture {number} ou remboursé.",
    "credited_before": "Déjà crédité sur la facture {number} : {documents}.",
    "credited_by": "{number} du {date}, {amount}",
    "set_off_amount": "{amount} sont imputés sur le solde de la facture {number}.",
    "refund_amount": "{amount}, réglés sur la facture {number}, seront remboursés.",
    "cash_discount_amount": "{amount} de la facture {number} correspondaient à un escompte non réglé.",
    "deposits_amount": "{amount} de la facture {number} étaient couverts par des acomptes encore déductibles.",
    "payment": "Paiement",
    "pay_by": "Merci de régler {amount} au plus tard le {date}.",
    "pay": "Merci de régler {amount}.",
    "we_pay": "Nous vous payons {amount}.",
    "we_pay_by": "Nous vous payons {amount} au plus tard le {date}.",
    "early": "Escompte de {percent} pour paiement au plus tard le {date}.",
    "early_terms": "Escompte de {percent} pour paiement sous {days} jours.",
    "within": "Payable sous {days} jours.",
    "paid_in_full": "Facture réglée. Merci.",
    "account": "Titulaire",
    "bank": "Compte bancaire",
    "account_number": "N° de compte",
    "bank_code": "Code banque",
    "payment_reference": "Référence",
    "mandate": "Mandat",
    "creditor_id": "ICS",
    "card_digits": "Carte finissant par",
    "sepa_direct_debit": "Nous prélèverons {amount} par prélèvement SEPA.",
    "sepa_direct_debit_by": "Nous prélèverons {amount} par prélèvement SEPA le {date}.",
    "card": "Paiement par carte.",
    "cash": "Paiement en espèces.",
    "check": "Paiement par chèque.",
    "paypal": "Paiement par PayPal.",
    "coupon": "Paiement par bon d’achat.",  # noqa: RUF001 — French
    "credit": "Paiement par compensation.",
    "other": "Paiement selon accord.",
    "vat_id": "N° de TVA",
    "tax_number": "N° fiscal",
    "legal_id": "Immatriculation",
    "page": "Page {page} sur {pages}",
    "carried": "À reporter",
    "brought": "Report de la page {page}",
    "girocode": "Scanner pour payer",
    "sample_customer": "Client Exemple SARL",
    "sample_city": "Ville d’exemple",  # noqa: RUF001 — French
    "sample_service": "Prestation d’exemple",  # noqa: RUF001 — French
    "sample_article": "Article d’exemple",  # noqa: RUF001 — French
    "reminder": "Rappel de paiement",
    "reminder_again": "Second rappel de paiement",
    "dunning_first": "Relance",
    "dunning": "Relance",
    "dunning_urgent": "Mise en demeure",
    "total_claim": "Total à régler",
    "number_dunning": "Lettre n°",
    "open_of": "Facture {number} du {date}, échue le {due} : reste dû",
    "fee": "Frais de relance, niveau {level}",
    "flat_fee": "Indemnité forfaitaire pour frais de recouvrement",
    "returned_debit": "Frais de rejet du prélèvement",
    "flat_fee_less": "{whole} moins {part} de frais de relance",
    "interest": "Intérêts de retard",
    "interest_of": "{rate} par an sur {amount}, {period} (jours : {days})",
    "paid_on_fees": "Payé sur les frais et intérêts",
    "crossed": "Si vous avez payé entre-temps, veuillez ne pas tenir compte de cette lettre.",
    "statement": "Relevé de compte",
    "statement_period": "Période",
    "statement_empty": "Aucun solde ouvert et aucun mouvement sur cette période.",
    "opening_balance": "Solde initial",
    "closing_balance": "Solde final",
    "amount_of_entry": "Montant",
    "balance": "Solde",
    "account_in": "Compte en {currency}",
    "entry_document": "{document} {number}",
    "entry_payment": "Paiement pour {number}",
    "entry_refund": "Remboursement ou paiement annulé pour {number}",
    "entry_cash_discount": "Escompte sur {number}",
    "entry_credit": "Avoir sur {number}",
    "entry_write_off": "Passage en pertes sur {number}",
    "balance_due": "Solde dû",
    "balance_owed": "Solde en votre faveur",
    "mandate_core": "Mandat de prélèvement SEPA",
    "mandate_b2b": "Mandat de prélèvement SEPA interentreprises",
    "mandate_use": "Type de paiement",
    "recurrent": "Paiements récurrents",
    "one_off": "Paiement ponctuel",
    "consent": (
        "En signant ce formulaire de mandat, vous autorisez (A) {seller} à envoyer des instructions à votre "
        "banque pour débiter votre compte, et (B) votre banque à débiter votre compte conformément aux "
        "instructions de {seller}."
    ),
    "refund_core": (
        "Vous bénéficiez du droit d'être remboursé par votre banque selon les conditions décrites dans la "
        "convention que vous avez passée avec elle. Toute demande de remboursement doit être présentée dans "
        "les 8 semaines suivant la date de débit de votre compte."
    ),
    "refund_b2b": (
        "Ce mandat est dédié aux prélèvements SEPA interentreprises. Vous n'êtes pas en droit de demander à "
        "votre banque le remboursement d'un prélèvement une fois que le montant est débité de votre compte. "
        "Vous pouvez cependant demander à votre banque de ne pas débiter votre compte jusqu'au jour de "
        "l'échéance."
    ),
    "creditor": "Créancier",
    "payer": "Débiteur",
    "party_name": "Nom",
    "party_address": "Adresse",
    "signed_at": "Lieu et date",
    "signature": "Signature du titulaire du compte",
    "signed_on": "Signé le {date}.",
    "page_due": "À payer maintenant",
    "page_nothing_due": "Rien à payer",
    "page_refund": "À vous rembourser",
    "page_due_on": "À payer le {date}",
    "page_overdue_since": "En retard depuis le {date}",
    "page_canceled": "Ce document a été annulé. Veuillez ne pas le payer.",
    "page_closed": "Ce document est clos.",
    "page_replaced": "Il est remplacé par {number}.",
    "page_correction": "La facture corrigée est {number}.",
    "page_fees": "Frais et intérêts de retard",
    "page_files": "Fichiers",
    "page_pdf": "Télécharger le PDF",
    "page_xml": "Télécharger la facture électronique (XML)",
    "page_comments": "Messages",
    "page_comment": "Votre message à {seller}",
    "page_readers": "Toute personne disposant d'un lien vers ce document peut le lire.",
    "page_send": "Envoyer le message",
    "page_customer": "Client",
    "page_not_sent": "Le formulaire n'a pas été envoyé",
    "page_reload": "Veuillez rouvrir la page du document et renvoyer le formulaire.",
    "page_length": "Un message comporte de 1 à 1\u00a0500 caractères.",
    "page_tomorrow": "Vous avez déjà envoyé plusieurs messages aujourd'hui. Veuillez réécrire demain.",
    "page_open": "Ouvrir {number}",
    "page_renew": "Nous pouvons envoyer un nouveau lien à l'adresse e-mail qui a reçu le document.",
    "page_renewal": "Envoyer un nouveau lien",
    "page_mailed": "Veuillez consulter votre messagerie",
    "page_on_its_way": (
        "Si le document a été envoyé par e-mail, un nouveau lien est en route vers la même adresse. Si vous "
        "ne recevez rien, veuillez contacter l'expéditeur du document."
    ),
    "page_back": "Retour au document",
    "page_amount": "Montant",
    "page_code": "Code QR pour applications bancaires : {amount} à {holder}",
    "page_not_found": "Cette page n'existe pas",
    "page_expired": "Ce lien a expiré",
    "page_not_ready": "Le fichier n'est pas encore prêt",
    "page_retry": "Réessayer",
    "page_failed": "Une erreur s'est produite",
    "page_ask": "Veuillez demander un nouveau lien à l'expéditeur du document.",
    "page_request": "Requête {id}",
}
_UNITS = {
    "C62": "pcs", "H87": "pcs", "EA": "pcs", "HUR": "h", "MIN": "min", "SEC": "s", "DAY": "jours", "WEE": "sem.",
    "MON": "mois", "ANN": "ans", "KGM": "kg", "GRM": "g", "TNE": "t", "MTR": "m", "CMT": "cm", "MMT": "mm",
    "KMT": "km", "MTK": "m²", "MTQ": "m³", "LTR": "l", "MLT": "ml", "KWH": "kWh", "LS": "forfait", "SET": "lots",
    "PR": "paires", "XBX": "boîtes", "XPK": "paquets", "XPP": "pcs", "E48": "unités", "NAR": "articles", "P1": "%",
    "4L": "Mo", "E34": "Go", "HAR": "ha", "DZN": "dz",
}  # fmt: skip
_UNTAXED = {
    "E": "Exonéré de TVA",
    "AE": "Autoliquidation, TVA due par le preneur",
    "K": "Livraison intracommunautaire exonérée de TVA",
    "G": "Exportation exonérée de TVA",
    "O": "Hors du champ de la TVA",
}
_PAGE_MAIL = Message(
    subject="Nouveau lien\u00a0: {title} {number} de {seller}",
    text="Bonjour,\n\nvoici votre nouveau lien vers {title} {number}\u00a0:\n\n{page}\n\nCordialement\n{seller}",
)
_END = "\n\nLa situation actuelle et tous les fichiers sont en ligne\u00a0: {page}\n\nCordialement\n{seller}"
"""The end of a mail about a document: the link to its page, and the farewell."""
_DOCUMENT_MAIL = DocumentMail(
    subject="{title} {number} de {seller}",
    text="Bonjour,\n\nveuillez trouver ci-joint\u00a0: {title} {number} de {total}{due}." + _END,
    linked=(
        "Bonjour,\n\nce lien ouvre {title} {number} de {total}{due}\u00a0; il est valable jusqu'au "
        "{link_until}\u00a0:\n\n{link}" + _END
    ),
    due=", payable le {due_date}",
    we_pay=" ; nous payons au plus tard le {due_date}",
)
_CANCELLATION_MAIL = Message(
    "Confirmation de votre résiliation \u2013 {seller}",
    "Bonjour,\n\nnous confirmons la résiliation de votre abonnement {subscription}, dont le début est le {start}. "
    "Nous l'avons enregistrée le {recorded}. L'abonnement prend fin le {end}.\n\nCordialement\n{seller}",
)
_STATEMENT_MAIL = Message(
    "Relevé de compte {first} \u2013 {last} de {seller}",
    "Bonjour,\n\nveuillez trouver ci-joint le relevé de votre compte du {first} au {last}.\n\nCordialement\n{seller}",
)
_RECEIPT_MAIL = ReceiptMail(
    subject="Confirmation de paiement pour {title} {number} de {seller}",
    text="Bonjour,\n\n{happened}{left}" + _END,
    received="nous avons reçu votre paiement de {amount} pour {title} {number} le {date}{discount}.",
    paid="nous vous avons versé {amount} pour {title} {number} le {date}{discount}.",
    offset="nous avons imputé un avoir de {amount} le {date} : {title} {number}{discount}.",
    discount=", déduction faite d'un escompte de {cash_discount}",
    open=" Il reste {due} à payer.",
    settled=" Plus rien n'est dû.",
)
_DISABLED_MAIL = DisabledMail(
    "L'endpoint webhook {name} est désactivé",
    "Bonjour,\n\n{happened}\n\n{endpoint_id}\u00a0: {host}\n\nLes événements attendent jusqu'à 30 jours. Dès que le "
    "destinataire les accepte de nouveau, mettez le statut de l'endpoint à active\u00a0; ils suivront, les plus "
    "anciens d'abord.\n\n{seller}",
    "un endpoint webhook a répondu qu'il n'existe plus (410) et a été désactivé le {at}.",
    "un endpoint webhook n'a accepté aucun événement pendant cinq jours et a été désactivé le {at}.",
)
_DUE_MAIL = Message(
    "La facture {invoice_number} de {seller} arrive à échéance le {due_date}",
    "Bonjour,\n\npour rappel, {open} de notre facture {invoice_number} sont à régler au plus tard le {due_date}. "
    "Si vous avez déjà payé, ne tenez pas compte de ce message." + _END,
)
_DUNNING = {
    "reminder": Message(
        "Rappel de paiement pour la facture {invoice_number} de {seller}",
        "Bonjour,\n\nsauf erreur de notre part, {open} restent dus sur notre facture {invoice_number}. Merci de "
        "régler cette somme au plus tard le {due_date}." + _END,
    ),
    "reminder_again": Message(
        "Second rappel de paiement pour la facture {invoice_number} de {seller}",
        "Bonjour,\n\nmalgré notre rappel, {open} restent dus sur la facture {invoice_number}. Merci de régler "
        "cette somme au plus tard le {due_date}." + _END,
    ),
    "dunning_first": Message(
        "Relance pour la facture {invoice_number} de {seller}",
        "Bonjour,\n\nnotre facture {invoice_number} est échue et {open} restent dus. Merci de régler {total} au "
        "total, au plus tard le {due_date}." + _END,
    ),
    "dunning": Message(
        "Relance pour la facture {invoice_number} de {seller}",
        "Bonjour,\n\nmalgré notre rappel, {open} restent dus sur la facture {invoice_number}. Merci de régler "
        "{total} au total, au plus tard le {due_date}." + _END,
    ),
    "dunning_urgent": Message(
        "Mise en demeure pour la facture {invoice_number} de {seller}",
        "Bonjour,\n\nnos courriers précédents sont restés sans effet\u00a0: {open} restent dus sur la facture "
        "{invoice_number}. Nous vous mettons en demeure de régler {total} au total, au plus tard le {due_date}. "
        "Passé ce délai, nous nous réservons le droit d'agir en justice." + _END,
    ),
}
TEXTS = Texts(
    language="fr",
    labels=_LABELS,
    units=_UNITS,
    untaxed=_UNTAXED,
    document_mail=_DOCUMENT_MAIL,
    page_mail=_PAGE_MAIL,
    cancellation_mail=_CANCELLATION_MAIL,
    statement_mail=_STATEMENT_MAIL,
    receipt_mail=_RECEIPT_MAIL,
    due_mail=_DUE_MAIL,
    disabled_mail=_DISABLED_MAIL,
    dunning=_DUNNING,
    first_of_month="1er",
)
