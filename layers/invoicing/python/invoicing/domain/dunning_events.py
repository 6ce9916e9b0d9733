"""What happened in dunning, as the timeline of the invoice keeps it and the bus tells it."""

from invoicing.domain.event import Event
from invoicing.domain.model import Day


class DunningSet(Event):
    """The dunning of an invoice was stopped, paused or let go on."""

    name = "dunning.set"
    action_key = "REMINDER_STATUS"

    disabled: bool
    paused_until: Day | None = None


class DunningRuleCreated(Event):
    """A level of dunning was set up."""

    name = "dunning_rule.created"
    action_key = "CREATE"


class DunningRuleUpdated(Event):
    """A level of dunning was changed."""

    name = "dunning_rule.updated"
    action_key = "EDIT"


class DunningRuleDeleted(Event):
    """A level of dunning was taken away."""

    name = "dunning_rule.deleted"
    action_key = "EDIT"


class DunningRunRequested(Event):
    """Somebody asked for a dunning run outside its hours."""

    name = "dunning.run_requested"
    action_key = "REMINDER_STATUS"
