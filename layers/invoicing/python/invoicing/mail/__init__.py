"""E-mails: recipients, texts, daily limit, attempts, bounces, and addresses that receive none."""
