"""Payments and refunds on documents."""
