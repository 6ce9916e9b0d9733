"""The levels of dunning that a company has, and what each says and costs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.currency import to_minor
from invoicing.core.errors import Invalid
from invoicing.core.identity import Caller, Reference
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Internal, Language, Percent, Value
from invoicing.dunning.errors import RuleNotFound
from invoicing.issuing.printing import require_printable_texts
from invoicing.tenants.mail_text import MailText

HIGHEST_LEVEL = 5
CustomerType = Literal["company", "person", "any"]
Days = Annotated[int, Field(ge=1, le=365)]


class Interest(Value):
    """Interest for late payment: so many points a year above the base rate (Directive 2011/7/EU: at least 8)."""

    points: Percent


class DunningRuleData(Value):
    """A level of dunning, as it can be changed.

    It is reached `days_overdue` days after the due date, or after the last document; what that asks for is due
    `due_in_days` later. Only a `dunning` has fees and interest. A rule for the customer's own type goes before `any`.
    """

    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)]
    customer_type: CustomerType = "any"
    days_overdue: Days
    due_in_days: Days
    type: Literal["reminder", "dunning"]
    fees: Annotated[dict[CurrencyCode, Annotated[Amount, Field(gt=0)]], Field(max_length=20)] = Field(
        default_factory=dict
    )
    interest: Interest | None = None
    texts: Annotated[dict[Language, MailText], Field(max_length=10)] = Field(default_factory=dict)
    attach_invoice: bool = False
    enabled: bool = True


class DunningRule(DunningRuleData, Aggregate):
    """A level of dunning of a company."""

    object: Literal["dunning_rule"] = "dunning_rule"
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def of(cls, id_: str, data: DunningRuleData, others: Iterable[Self], *, by: Caller, at: datetime) -> Self:
        """A new level that goes with the others."""
        _require_sound(data, others)
        who = by.reference
        return cls(**dict(data), id=id_, created_at=at, updated_at=at, created_by=who, updated_by=who)

    def changed(self, data: DunningRuleData, others: Iterable[Self], *, by: Caller, at: datetime) -> Self:
        """The level as it goes with the others after a change."""
        _require_sound(data, [rule for rule in others if rule.id != self.id])
        return self.model_copy(update={**dict(data), "updated_at": at, "updated_by": by.reference})

    @property
    def data(self) -> DunningRuleData:
        """What can be changed."""
        return DunningRuleData(**{name: getattr(self, name) for name in DunningRuleData.model_fields})

    @property
    def place(self) -> str:
        """What only one rule of a company has: its level for a type of customer."""
        return f"{self.customer_type}#{self.level}"


def rule_in(rules: Iterable[DunningRule], rule_id: str) -> DunningRule:
    """One of a company's rules."""
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
    for other in others:
        if "any" not in (data.customer_type, other.customer_type) and data.customer_type != other.customer_type:
            continue
        if other.level == data.level - 1 and data.days_overdue <= other.due_in_days:
            message = f"Level {other.level} gives {other.due_in_days} days to pay; the next comes after them."
            raise Invalid(message, pointer="/days_overdue")
        if other.level == data.level + 1 and other.days_overdue <= data.due_in_days:
            message = f"Level {other.level} comes after {other.days_overdue} days, before these are over."
            raise Invalid(message, pointer="/due_in_days")


Tone = Literal["reminder", "reminder_again", "dunning_first", "dunning", "dunning_urgent"]
_URGENT = 3


def tone_of(kind: Literal["reminder", "dunning"], level: int) -> Tone:
    """The tone of a level: only a letter that follows another one mentions it, and only from the third on it warns."""
    if kind == "reminder":
        return "reminder" if level == 1 else "reminder_again"
    if level == 1:
        return "dunning_first"
    return "dunning" if level < _URGENT else "dunning_urgent"
