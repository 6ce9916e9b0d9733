"""What happened in dunning, as the timeline of the invoice keeps it and the bus tells it."""

from invoicing.domain.event import Event
from invoicing.domain.model import Day


class DunningSet(Event):
    """Dunning of an invoice was stopped, paused or resumed."""

    name = "dunning.set"
    action_key = "REMINDER_STATUS"

    disabled: bool
    paused_until: Day | None = None


class DunningRuleCreated(Event):
    """A dunning rule was created."""

    name = "dunning_rule.created"
    action_key = "CREATE"


class DunningRuleUpdated(Event):
    """A dunning rule was updated."""

    name = "dunning_rule.updated"
    action_key = "EDIT"


class DunningRuleDeleted(Event):
    """A dunning rule was deleted."""

    name = "dunning_rule.deleted"
    action_key = "EDIT"


class DunningRunRequested(Event):
    """A user requested a dunning run."""

    name = "dunning.run_requested"
    action_key = "REMINDER_STATUS"
