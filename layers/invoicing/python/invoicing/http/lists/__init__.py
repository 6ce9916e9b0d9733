"""Lists as CSV files: the columns of their entries, and the export of all their pages."""
