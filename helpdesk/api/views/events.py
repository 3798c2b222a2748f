"""What other systems tell of customers."""

from flask_babel import lazy_gettext as _

from helpdesk.api.routes import route
from helpdesk.api.shapes.events import EventResults, EventsIn
from helpdesk.api.telling import tell
from helpdesk.api.tokens import caller


@route(
    "/v1/events",
    "POST",
    _("Tell what happened to customers"),
    body=EventsIn,
    out=EventResults,
    scope="write",
)
def create(body: EventsIn) -> EventResults:
    return EventResults(items=tell(body, caller()))
