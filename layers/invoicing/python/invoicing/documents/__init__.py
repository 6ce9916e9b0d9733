"""The PDFs, letters and e-invoices of documents, and all words that are printed or mailed."""
