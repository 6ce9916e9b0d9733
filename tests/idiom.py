"""Words of private English that clients and readers must not meet."""

import re

IDIOM = re.compile(r"\b(tells?|told|telling|sa(y|ys|id)|whoever|anew|afresh|to be had|what)\b", re.IGNORECASE)
