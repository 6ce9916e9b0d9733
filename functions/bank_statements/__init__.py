"""Statements of bank accounts, as files of banks."""
