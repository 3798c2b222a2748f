"""Customers, orders and what happened to them, from files of other systems."""
