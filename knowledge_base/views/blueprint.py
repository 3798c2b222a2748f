"""The one blueprint that both kinds of pages belong to."""

from flask import Blueprint
from flask_login import current_user

from helpdesk.accounts.permissions import me
from helpdesk.customers.signing_in import current_contact
from knowledge_base.models import Viewer
from knowledge_base.reading import pages, trail

bp = Blueprint("knowledge_base", __name__)
# The form and the chat have visitors too.
bp.after_app_request(trail.remember)
bp.add_app_template_global(pages.address, "article_address")
bp.add_app_template_global(pages.for_all, "article_for_all")
bp.add_app_template_global(pages.site_address, "site_address")
bp.add_app_template_filter(pages.opening, "article_opening")


def viewer() -> Viewer:
    """Who is in front of us: the agent, else the customer who signed in, else a stranger."""
    return me() if current_user.is_authenticated else current_contact()
