"""Words of private English that clients and readers must not meet."""

import re

_WORDS = "tells?|told|telling|sa(?:y|ys|id|ying)|whoever|whatever|anew|afresh|to be had|in vain"
IDIOM = re.compile(rf"\b({_WORDS}|what)\b", re.IGNORECASE)
IDIOM_IN_PROSE = re.compile(rf"\b({_WORDS}|what(?! to\b))\b", re.IGNORECASE)
"""In docstrings and comments, where "decide what to do" is plain English."""
