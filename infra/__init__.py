"""The AWS side: stacks, gateway and documents, all derived from what the functions declare."""
