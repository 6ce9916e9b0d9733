"""The table: one transaction per request, lists, cursors, idempotency. It knows no noun."""
