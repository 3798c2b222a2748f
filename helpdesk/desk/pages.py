"""All pages of the desk. Each file adds its own to the one blueprint, which the app takes from here."""

from helpdesk.desk import article_views, customer_views, likeness_views, search_views
from helpdesk.desk.views import bp

__all__ = ["article_views", "bp", "customer_views", "likeness_views", "search_views"]
