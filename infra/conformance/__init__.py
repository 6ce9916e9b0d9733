"""The behavior of AWS that the code relies on, as one list of assumptions for emulators and accounts.

`invoicing smoke` runs all of them against a deployed stage; tests run them against moto and the embedded AWS.
"""
