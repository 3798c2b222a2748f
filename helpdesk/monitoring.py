"""What machines ask: alive, ready, how much."""

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core import migrating
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.scheduling import Beat
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

bp = Blueprint("monitoring", __name__)

# A worker silent for so long is taken for dead.
SILENT_AFTER = timedelta(minutes=2)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """The database is there and up to date, and a worker lives; details are for `helpdesk doctor`."""
    is_ready = is_database_ready() and is_worker_alive()
    return Response("ok\n" if is_ready else "not ready\n", 200 if is_ready else 503, mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus, read from the database so that every process says the same."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415  (costly to import)
    from prometheus_client.registry import CollectorRegistry  # noqa: PLC0415

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges())  # type: ignore[arg-type]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def is_database_ready() -> bool:
    """Whether the database answers and has the tables of this release."""
    try:
        db.session.execute(text("SELECT 1"))
        if not current_app.extensions.get("helpdesk.is_migrated"):
            current_app.extensions["helpdesk.is_migrated"] = migrating.current() == migrating.head()
        return bool(current_app.extensions["helpdesk.is_migrated"])
    except SQLAlchemyError:
        return False


def is_worker_alive() -> bool:
    """Whether any worker gave a sign of life lately."""
    try:
        last = db.session.scalar(select(func.max(Beat.at)))
    except SQLAlchemyError:
        return False
    return last is not None and last > now() - SILENT_AFTER


class _Gauges:
    """Reads the figures when Prometheus asks."""

    def collect(self) -> "list[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  (costly to import)

        counts = {
            "helpdesk_tickets": (Ticket.status, Status),
            "helpdesk_letters": (Letter.state, LetterState),
        }
        families = []
        for name, (column, kinds) in counts.items():
            found = dict(db.session.execute(select(column, func.count()).group_by(column)).all())
            family = GaugeMetricFamily(name, f"Rows by {column.key}", labels=[column.key])
            for kind in kinds:
                family.add_metric([kind.value], found.get(kind, 0))
            families.append(family)
        return [*families, *self._jobs()]

    def _jobs(self) -> "list[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  (costly to import)

        waiting = select(func.count(), func.min(Job.due_at)).where(
            Job.failed_at.is_(None), Job.due_at <= now()
        )
        count, oldest = db.session.execute(waiting).one()
        given_up = db.session.scalar(select(func.count()).where(Job.failed_at.is_not(None)))
        age = (now() - oldest).total_seconds() if oldest else 0
        return [
            GaugeMetricFamily("helpdesk_jobs_due", "Jobs that are due", value=count),
            GaugeMetricFamily("helpdesk_jobs_oldest_seconds", "How long the oldest due job waits", value=age),
            GaugeMetricFamily("helpdesk_jobs_failed", "Jobs that were given up", value=given_up or 0),
        ]
