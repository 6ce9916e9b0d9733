"""The number series: patterns, counters, the next number, and the search for gaps."""
