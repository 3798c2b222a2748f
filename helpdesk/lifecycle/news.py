"""What a review has to tell the timeline, once its rows have their numbers."""

from dataclasses import dataclass
from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.timeline import Kind, note_past, record


@dataclass(frozen=True)
class News:
    """One fact, not told yet."""

    kind: Kind
    subject: Model
    details: dict[str, Any]
    by: Agent | None = None

    def tell(self, *, quiet: bool = False) -> None:
        """quiet: without any reaction."""
        if quiet:
            note_past(self.kind, self.subject, at=now(), by=self.by, **self.details)
        else:
            record(self.kind, self.subject, by=self.by, **self.details)
