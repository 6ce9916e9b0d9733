"""Forms of documents: color, logo or letterhead, columns, footer, standard texts."""
