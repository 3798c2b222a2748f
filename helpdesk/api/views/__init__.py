"""The addresses of the door, noun by noun; whoever imports them all has the whole of it."""

from helpdesk.api.routes import bp
from helpdesk.api.views import articles, customers, docs, events, messages, surveys, tickets

__all__ = ["articles", "bp", "customers", "docs", "events", "messages", "surveys", "tickets"]
