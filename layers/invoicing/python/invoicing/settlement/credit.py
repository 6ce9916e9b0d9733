"""The credited part of an invoice, by line and rate, and the amounts of a further credit.

Credits in any order add up to the invoice to the cent: line, discount and shipping by category and rate. The discount
stands for all allowances of the document, shipping for all of its charges. The credited amount so far is always
computed as a whole, and a credit is the difference to the amount before it:

- of a line by quantity: amount × quantity so far ÷ quantity, rounded;
- of the document's discount: discount × lines so far ÷ lines, rounded;
- of the tax: T × net so far ÷ N, rounded; where the amount is gross (prices that include tax, or a credit by gross
  amount) T × gross so far ÷ gross, and the net is the rest.

If lines of one rate have different signs, more than the whole can be credited temporarily: then the tax is computed
from the rate itself. A credit by gross amount takes the same part of everything left of a rate.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.currency import divide, split, to_minor
from invoicing.core.einvoice import DocumentNotes
from invoicing.core.errors import Invalid, Violation
from invoicing.core.ids import LineId
from invoicing.core.model import Aggregate, Amount, Day, LongText, Percent, Quantity, Value
from invoicing.invoices.drafts.model import MAX_LINES
from invoicing.invoices.drafts.supporting import AttachmentReferences, SupportingDocuments
from invoicing.invoices.model import Invoice
from invoicing.payments.model import PositiveAmount
from invoicing.pricing.tax import SPLIT_PAYMENT, VatCategory, normal
from invoicing.pricing.totals import Group, grouped
from invoicing.settlement.errors import CreditExceedsInvoice

CreditReason = Literal["duplicate", "incorrect", "product_unsatisfactory", "order_change", "other"]
"""One of `duplicate`, `incorrect`, `product_unsatisfactory`, `order_change` or `other`."""


class CreditedPart(Value):
    """The part of a line to credit. Without `quantity` and `amount`, the rest of the line is credited."""

    line_id: LineId | Literal["shipping"]
    """Identifier of the line, or `shipping` for the shipping cost."""
    quantity: Annotated[Quantity, Field(gt=0)] | None = None
    """Quantity to credit, above zero and at most the quantity that is not credited yet."""
    amount: PositiveAmount | None = None
    """Amount to credit, with or without tax as the prices of the invoice are."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.quantity is not None and (self.amount is not None or self.line_id == "shipping"):
            raise PydanticCustomError("credit", "Either quantity or amount is required; shipping requires an amount")
        return self


class CreditData(Value):
    """The credit to issue: lines, or a gross amount. Without either, the rest of the invoice is credited."""

    lines: Annotated[tuple[CreditedPart, ...], Field(min_length=1, max_length=MAX_LINES)] | None = None
    """Lines to credit, 1 to 1,000."""
    amount: Annotated[PositiveAmount | None, Field(examples=["19.00"])] = None
    """Gross amount to credit, distributed over the tax rates in proportion to the amounts left."""
    issue_date: Day | None = None
    """Issue date of the credit note (EN 16931 BT-2), from that of the invoice on; today by default."""
    reason: CreditReason = "other"
    """Reason for the credit."""
    comment: Annotated[LongText, Field(max_length=1_500)] | None = None
    """Comment for the timeline, up to 1,500 characters."""
    introduction: LongText | None = None
    """Text above the lines of the credit note."""
    closing: LongText | None = None
    """Text at the end of the credit note."""
    notes: DocumentNotes = ()
    """Notes on the credit note, at most 20 (EN 16931 BG-1).

    In France it has those of the invoice too, except for the subjects that are stated here.
    """
    supporting_documents: SupportingDocuments = ()
    """Documents that the credit note names, at most 50 (EN 16931 BG-24), such as the Greek MARK in Peppol."""
    attachments: AttachmentReferences = ()
    """Files of the invoice's notes that the credit note contains, at most 20 with 10 MB together (EN 16931 BG-24)."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.lines is not None and self.amount is not None:
            raise PydanticCustomError("credit", "Only one of lines and amount is allowed")
        return self


class CreditedLine(Value):
    """The part of a line that one document credits, in the invoice's price mode; `by_quantity`: by quantities."""

    id: str
    amount: Amount
    quantity: Quantity
    by_quantity: Amount


class CreditedRate(Value):
    """The part of a category and rate that one document credits; discount and shipping in the invoice's price mode."""

    category: VatCategory
    rate: Percent
    discount: Amount
    shipping: Amount
    net: Amount
    tax: Amount

    @property
    def owed(self) -> Decimal:
        """The part of it that the customer does not owe any more: without the tax of a split payment."""
        return self.net if self.category == SPLIT_PAYMENT else self.net + self.tax


class Credited(Aggregate):
    """The part of an invoice that one credit note or cancellation credits, until that document is void.

    Rows written before documents named their predecessors have no `number`, `issue_date` and `total`.
    """

    object: Literal["credited"] = "credited"
    invoice_id: str
    credit_note_id: str
    lines: tuple[CreditedLine, ...]
    rates: tuple[CreditedRate, ...]
    cash_discount: Amount
    number: str | None = None
    issue_date: Day | None = None
    total: Amount | None = None
    void: bool = False

    def voided(self, at: datetime) -> Self:
        """The same after its document was voided."""
        return self.model_copy(update={"void": True, "updated_at": at})


class CreditShare(NamedTuple):
    """The part of one line in a credit: an amount, and its quantity (None: a price reduction)."""

    amount: int
    quantity: Decimal | None


class Rate:
    """A category and rate of an invoice, with its credits so far; all in minor units."""

    def __init__(self, group: Group, invoice: Invoice, so_far: Iterable[Credited]) -> None:
        self.group = group
        self.net, self.tax = sum(group.nets), sum(group.taxes)
        self.credited = {invoice.lines[place].id: 0 for place in group.places}
        self.by_quantity = dict.fromkeys(self.credited, 0)
        self.quantity = dict.fromkeys(self.credited, Decimal(0))
        self.discount = self.shipping = self.net_so_far = self.tax_so_far = 0
        for one in so_far:
            self._add(one, invoice.currency)

    def _add(self, one: Credited, currency: str) -> None:
        def units(amount: Decimal) -> int:
            return to_minor(amount, currency, pointer="")

        for line in one.lines:
            if line.id in self.credited:
                self.credited[line.id] += units(line.amount)
                self.by_quantity[line.id] += units(line.by_quantity)
                self.quantity[line.id] += line.quantity
        for rate in one.rates:
            if (rate.category, rate.rate) == self.group.tax.key:
                self.discount += units(rate.discount)
                self.shipping += units(rate.shipping)
                self.net_so_far += units(rate.net)
                self.tax_so_far += units(rate.tax)

    @property
    def left(self) -> int:
        """The gross amount that is left of it."""
        return self.net + self.tax - self.net_so_far - self.tax_so_far

    @property
    def parts_left(self) -> list[int]:
        """The rest of its lines, of the discount (negative) and of shipping, in the price's mode."""
        lines = [whole - gone for whole, gone in zip(self.group.amounts, self.credited.values(), strict=True)]
        return [*lines, self.discount - self.group.discount, self.group.shipping - self.shipping]

    def share_of_discount(self, lines: int) -> int:
        """The share of the discount of lines with this sum."""
        whole = self.group.lines_sum
        if not whole or not lines:
            return 0
        so_far = divide(self.group.discount * (sum(self.credited.values()) + lines), whole)
        return min(max(so_far, self.discount), self.group.discount) - self.discount

    def by_net(self, net: int) -> tuple[int, int]:
        """Net and tax of a credit of this net."""
        so_far = self.net_so_far + net
        if so_far == self.net:
            tax = self.tax
        elif 0 <= so_far * self.net < self.net**2:
            tax = divide(self.tax * so_far, self.net)
        else:
            numerator, denominator = normal(self.group.tax.rate).as_integer_ratio()
            tax = divide(so_far * numerator, 100 * denominator)
        # After another credit was voided, the sum may differ by a unit; tax never has the opposite sign of its net.
        against = (tax - self.tax_so_far) * net < 0
        return net, 0 if against else tax - self.tax_so_far

    def by_gross(self, gross: int) -> tuple[int, int]:
        """Net and tax of a credit of this gross amount."""
        so_far, whole = self.net_so_far + self.tax_so_far + gross, self.net + self.tax
        if so_far == whole:
            tax = self.tax
        elif 0 <= so_far * whole < whole**2:
            tax = divide(self.tax * so_far, whole)
            tax = _between(tax, self.tax_so_far, self.tax)
        else:
            numerator, denominator = normal(self.group.tax.rate).as_integer_ratio()
            tax = so_far - divide(so_far * 100 * denominator, 100 * denominator + numerator)
        net = so_far - tax
        if 0 <= so_far * whole <= whole**2:
            net = _between(net, self.net_so_far, self.net)
        return net - self.net_so_far, so_far - net - self.tax_so_far


class Credit:
    """One credit of one rate: its parts of lines, discount and shipping, with net and tax."""

    def __init__(self, rate: Rate, parts: Sequence[int], net: int, tax: int) -> None:
        self.rate = rate
        *self.lines, discount, self.shipping = parts
        self.discount, self.net, self.tax = -discount, net, tax

    @property
    def base(self) -> int:
        """The sum in the price's mode."""
        return sum(self.lines) - self.discount + self.shipping

    @property
    def gross(self) -> int:
        """The amount including tax."""
        return self.net + self.tax

    @property
    def owed(self) -> int:
        """The part of it that is set off or refunded: without the tax of a split payment."""
        return self.net if self.rate.group.tax.category == SPLIT_PAYMENT else self.gross


def rates_of(invoice: Invoice, so_far: Iterable[Credited]) -> list[Rate]:
    """The credits of an invoice so far."""
    counting = [one for one in so_far if not one.void]
    return [Rate(group, invoice, counting) for group in grouped(invoice.lines, invoice, invoice.currency)]


def all_left(rates: Iterable[Rate]) -> list[Credit]:
    """All that is not credited yet."""
    return [Credit(rate, rate.parts_left, rate.net - rate.net_so_far, rate.tax - rate.tax_so_far) for rate in rates]


def by_amount(rates: Sequence[Rate], amount: int, *, inclusive: bool) -> list[Credit]:
    """A gross amount, split over the rates in proportion to the amounts left."""
    left = [rate.left for rate in rates]
    if not 0 < amount <= sum(left):
        raise CreditExceedsInvoice(pointer="/amount")
    if amount == sum(left):
        return all_left(rates)
    found = []
    for rate, gross in zip(rates, split(amount, left, amount, sum(left)), strict=True):
        net = _between(rate.by_gross(gross)[0], 0, rate.net - rate.net_so_far)
        base = gross if inclusive else net
        weights = rate.parts_left
        parts = split(base, weights, base, sum(weights)) if base else [0] * len(weights)
        found.append(Credit(rate, parts, net, gross - net))
    return [credit for credit in found if credit.gross]


def by_lines(
    rates: Sequence[Rate], shares: Mapping[str, CreditShare], shipping: int | None, *, inclusive: bool
) -> list[Credit]:
    """Parts of lines and of shipping; the document's discount is credited with the lines."""
    shipping_left = [rate.group.shipping - rate.shipping for rate in rates]
    shipped = split(shipping, shipping_left, shipping, sum(shipping_left)) if shipping else [0] * len(rates)
    found = []
    for rate, cost in zip(rates, shipped, strict=True):
        lines = [shares[id_].amount if id_ in shares else 0 for id_ in rate.credited]
        parts = [*lines, -rate.share_of_discount(sum(lines)), cost]
        net, tax = (rate.by_gross if inclusive else rate.by_net)(sum(parts))
        if cost or not shares.keys().isdisjoint(rate.credited):
            found.append(Credit(rate, parts, net, tax))
    return found


def shares_of(invoice: Invoice, rates: Iterable[Rate], parts: Sequence[CreditedPart]) -> dict[str, CreditShare]:
    """The requested credits of lines. Refuses unknown lines, repeated lines, and more than is left."""
    places = {line.id: place for place, line in enumerate(invoice.lines)}
    named = Counter[str]()
    wrong = []
    for place, part in enumerate(parts):
        named[part.line_id] += 1
        if named[part.line_id] > 1 or (part.line_id != "shipping" and part.line_id not in places):
            message = "The invoice has no line with this id, or the request names it twice."
            wrong.append(Violation(f"/lines/{place}/line_id", "LINE_NOT_FOUND", message))
    if wrong:
        raise Invalid("Each line can occur only once in a credit.", errors=tuple(wrong))
    home = {id_: rate for rate in rates for id_ in rate.credited}
    return {
        part.line_id: _share(invoice, home[part.line_id], places[part.line_id], part, f"/lines/{place}")
        for place, part in enumerate(parts)
        if part.line_id != "shipping"
    }


def _share(invoice: Invoice, rate: Rate, place: int, part: CreditedPart, pointer: str) -> CreditShare:
    line = invoice.lines[place]
    whole = rate.group.amounts[rate.group.places.index(place)]
    left = whole - rate.credited[line.id]
    quantity, gone = abs(line.quantity), rate.quantity[line.id]
    if part.amount is not None:
        amount = to_minor(part.amount, invoice.currency, pointer=f"{pointer}/amount")
        if amount > abs(left):
            raise CreditExceedsInvoice(pointer=f"{pointer}/amount")
        return CreditShare(amount if whole > 0 else -amount, None)
    if part.quantity is None:
        return CreditShare(left, max(quantity - gone, Decimal(0)) or None)
    if gone + part.quantity > quantity:
        raise CreditExceedsInvoice(pointer=f"{pointer}/quantity")
    (credited, scale), (all_of_it, other_scale) = (
        value.as_integer_ratio() for value in (gone + part.quantity, quantity)
    )
    amount = divide(whole * credited * other_scale, scale * all_of_it) - rate.by_quantity[line.id]
    if abs(amount) > abs(left):
        raise CreditExceedsInvoice(pointer=f"{pointer}/quantity")
    return CreditShare(amount if amount * whole > 0 else 0, part.quantity)


def shipping_of(invoice: Invoice, rates: Iterable[Rate], parts: Iterable[CreditedPart]) -> int | None:
    """The requested credit of shipping; None if there is none."""
    left = sum(rate.group.shipping - rate.shipping for rate in rates)
    for place, part in enumerate(parts):
        if part.line_id == "shipping":
            pointer = f"/lines/{place}/amount"
            amount = left if part.amount is None else to_minor(part.amount, invoice.currency, pointer=pointer)
            if amount > left:
                raise CreditExceedsInvoice(pointer=pointer)
            return amount
    return None


def _between(value: int, one: int, other: int) -> int:
    return max(min(one, other), min(value, max(one, other)))
