"""Tickets: one customer, one question, one thread, whatever the channel."""
