"""Rules, reminders and dunning letters for overdue invoices."""
