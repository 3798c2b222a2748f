"""The one blueprint that both kinds of pages belong to."""

from flask import Blueprint
from flask_login import current_user

from helpdesk.accounts.models import Agent
from helpdesk.accounts.permissions import me
from knowledge_base import reading, trail

bp = Blueprint("knowledge_base", __name__)
bp.after_request(trail.remember)
bp.add_app_template_global(reading.address, "article_address")
bp.add_app_template_filter(reading.opening, "article_opening")


def viewer() -> Agent | None:
    """The agent in front of us; None for everybody else, who gets public articles only."""
    return me() if current_user.is_authenticated else None
