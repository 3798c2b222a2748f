"""Customers of record and the people who write for them."""
