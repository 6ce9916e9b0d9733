"""Direct debits and credit transfers, one by one."""
