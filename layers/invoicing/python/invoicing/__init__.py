"""The code that all functions share. Import direction: see tests/architecture."""

import gc

from invoicing import config

if config.in_lambda():
    # Objects that a worker creates at its start live as long as it does: nothing to collect (7 % of the start).
    # `http.warm` turns the collector on again.
    gc.disable()
