"""All pages of the desk. Each file adds its own to the one blueprint, which the app takes from here."""

from helpdesk.desk import customer_views, search_views
from helpdesk.desk.views import bp

__all__ = ["bp", "customer_views", "search_views"]
