"""Invoices, credit notes and cancellations, from draft to paid."""
