"""Helpdesk: customer support that knows where each customer stands."""

__version__ = "0.1.0"
