"""Readers of files of banks: camt, pain.002, MT940, MT942, CSV, ZIP. They are tolerant and reach no network."""
