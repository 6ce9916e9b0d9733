"""The documents: fields, drafts, lines, the actions that each status allows, visibility, lists."""
