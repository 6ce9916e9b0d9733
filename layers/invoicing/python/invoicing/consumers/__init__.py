"""How messages of queues, events, schedules and the table's stream reach a function."""
