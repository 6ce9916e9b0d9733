"""The layer that decides: everything the functions share. Import direction: see tests/architecture."""

import gc

from invoicing import config

if config.in_lambda():
    # Whatever a worker makes while it starts lives as long as it does: nothing to collect (7 % of the start).
    # `http.warm` turns the collector on again.
    gc.disable()
