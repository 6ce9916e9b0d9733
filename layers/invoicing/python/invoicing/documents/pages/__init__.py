"""Web pages about documents, in HTML without JavaScript."""
