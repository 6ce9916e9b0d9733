"""The AWS side: stacks, gateway and documents, all derived from the declarations of functions."""
