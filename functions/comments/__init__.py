"""Comments and recorded changes in the timeline of a document."""
