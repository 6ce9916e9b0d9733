"""Readers of bank statements: camt, MT940, MT942 and CSV, plain or in a ZIP. They are tolerant and reach no network."""
