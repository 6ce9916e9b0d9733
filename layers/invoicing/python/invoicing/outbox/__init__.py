"""The publication of committed events on the bus, and the hourly tick of each tenant."""
