"""A tenant's dunning levels, with their texts, fees and interest."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Internal, Language, Percent, Value, copied
from invoicing.dunning.errors import RuleNotFound
from invoicing.issuing.printing import require_printable_texts
from invoicing.tenants.mail_text import MailText

BEFORE_DUE = 0
"""The level of the reminder before the due date. It is a mail, and no invoice reaches it as a level of dunning."""
HIGHEST_LEVEL = 5
CustomerType = Literal["company", "person", "any"]
"""One of `company`, `person`, or `any` for both."""
Days = Annotated[int, Field(ge=1, le=365)]
"""Number of days, from 1 to 365."""
DaysOverdue = Annotated[int, Field(ge=-60, le=365)]
"""Number of days after the due date, from 1 to 365; from -60 to -1 before it."""


class Interest(Value):
    """Interest for late payment."""

    points: Percent
    """Percentage points a year above the base rate; at least 8 between companies (Directive 2011/7/EU)."""


class DunningRuleData(Value):
    """The fields of a dunning rule that can be created and changed. A rule defines one dunning level."""

    level: Annotated[int, Field(ge=BEFORE_DUE, le=HIGHEST_LEVEL)]
    """Dunning level that the rule defines, from 1 to 5; 0 defines the reminder before the due date. There is one rule
    for each level and customer type."""
    customer_type: CustomerType = "any"
    """Customers that the rule applies to. A rule for the customer's own type takes precedence over `any`."""
    days_overdue: DaysOverdue
    """Days after which the level is reached, counted from the due date, or from the last reminder at higher levels. At
    level 0 it is negative: `-3` sends the reminder three days before the due date."""
    due_in_days: Days
    """Days that the customer has to pay after this level's document was issued; at level 0 those until the due date."""
    type: Literal["reminder", "dunning"]
    """Kind of the document: `reminder` (free of charge) or `dunning` (with fees and interest)."""
    fees: Annotated[dict[CurrencyCode, Annotated[Amount, Field(gt=0)]], Field(max_length=20)] = Field(
        default_factory=dict
    )
    """Reminder fee by currency code, above zero each; for the type `dunning` only. At most 20 currencies."""
    interest: Interest | None = None
    """Interest for late payment, for the type `dunning` only; null charges none."""
    texts: Annotated[dict[Language, MailText], Field(max_length=10)] = Field(default_factory=dict)
    """Subject and text of the document by language tag, at most 10; languages without an entry use the default texts.
    """
    attach_invoice: bool = False
    """Whether the invoice's PDF is attached to the mail."""
    enabled: bool = True
    """Whether the rule is applied."""


class DunningRule(DunningRuleData, Aggregate):
    """A dunning rule: when a dunning level is reached, and the fees and interest of its document."""

    object: Literal["dunning_rule"] = "dunning_rule"
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def of(cls, id_: str, data: DunningRuleData, others: Iterable[Self], *, moment: Moment) -> Self:
        """A new level that is consistent with the others."""
        _require_sound(data, others)
        return cls(**dict(data), id=id_, **moment.created)

    def changed(self, data: DunningRuleData, others: Iterable[Self], *, moment: Moment) -> Self:
        """The level after a change, consistent with the others."""
        if BEFORE_DUE in (data.level, self.level) and data.level != self.level:
            raise Invalid("A rule of level 0 keeps its level, and no other rule gets it.", pointer="/level")
        _require_sound(data, [rule for rule in others if rule.id != self.id])
        return self.model_copy(update={**dict(data), **moment.updated})

    @property
    def data(self) -> DunningRuleData:
        """The fields that can be changed."""
        return copied(DunningRuleData, self)

    @property
    def place(self) -> str:
        """The level for a type of customer, which only one rule of a tenant can have."""
        return f"{self.customer_type}#{self.level}"


def rule_in(rules: Iterable[DunningRule], rule_id: str) -> DunningRule:
    """A rule of the company."""
    for rule in rules:
        if rule.id == rule_id:
            return rule
    raise RuleNotFound


def rule_for(rules: Iterable[DunningRule], level: int, customer_type: str | None) -> DunningRule | None:
    """The rule for a level: that of the customer's type, else that for any, if it is enabled."""
    fitting = {rule.customer_type: rule for rule in rules if rule.level == level}
    rule = fitting.get(customer_type or "any") or fitting.get("any")  # type: ignore[call-overload]
    return rule if rule is not None and rule.enabled else None


def _require_sound(data: DunningRuleData, others: Iterable[DunningRule]) -> None:
    require_printable_texts({f"/texts/{language}/text": words.text for language, words in data.texts.items()})
    if data.type == "reminder" and (data.fees or data.interest):
        raise Invalid("Fees and interest require the type dunning.", pointer="/type")
    for code, amount in data.fees.items():
        to_minor(amount, code, pointer=f"/fees/{code}")
    if data.level == BEFORE_DUE:
        _require_before_due(data)
        return
    if data.days_overdue < 1:
        raise Invalid("Only level 0 comes before the due date.", pointer="/days_overdue")
    for other in others:
        if "any" not in (data.customer_type, other.customer_type) and data.customer_type != other.customer_type:
            continue
        if BEFORE_DUE < other.level == data.level - 1 and data.days_overdue <= other.due_in_days:
            message = f"Level {other.level} gives {other.due_in_days} days to pay; the next comes after them."
            raise Invalid(message, pointer="/days_overdue")
        if other.level == data.level + 1 and other.days_overdue <= data.due_in_days:
            message = f"Level {other.level} comes after {other.days_overdue} days, before these are over."
            raise Invalid(message, pointer="/due_in_days")


def _require_before_due(data: DunningRuleData) -> None:
    if data.type != "reminder":
        raise Invalid("Level 0 is a reminder, free of charge.", pointer="/type")
    if data.days_overdue >= 0:
        raise Invalid("Level 0 comes before the due date: days_overdue is below zero.", pointer="/days_overdue")
    if data.due_in_days != -data.days_overdue:
        raise Invalid(f"The due date stays: due_in_days is {-data.days_overdue} here.", pointer="/due_in_days")


Tone = Literal["reminder", "reminder_again", "dunning_first", "dunning", "dunning_urgent"]
_URGENT = 3


def tone_of(kind: Literal["reminder", "dunning"], level: int) -> Tone:
    """The tone of a level: only a letter that follows another one mentions it, and only from the third on it warns."""
    if kind == "reminder":
        return "reminder" if level == 1 else "reminder_again"
    if level == 1:
        return "dunning_first"
    return "dunning" if level < _URGENT else "dunning_urgent"
