"""Named designs of the tenant's documents: color, logo, letterhead, columns, footer and standard texts."""
