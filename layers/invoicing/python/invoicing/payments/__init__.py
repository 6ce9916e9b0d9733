"""The record of a payment or refund. Its limits and its effect on a document are in `settlement`."""
