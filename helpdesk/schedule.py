"""Every so often, do that: everything that happens by itself, in one table."""

from datetime import timedelta

from helpdesk.accounts import signing_in as agents
from helpdesk.api import idempotency
from helpdesk.channels.email import forgetting
from helpdesk.channels.email.arriving import receiving
from helpdesk.core import live
from helpdesk.core.scheduling import Schedule
from helpdesk.customers import noticing
from helpdesk.customers import signing_in as customers
from helpdesk.exchange import working as imports
from helpdesk.lifecycle import stages
from helpdesk.tickets import planning
from knowledge_base.index import tending
from knowledge_base.reading import trail
from knowledge_base.transfer import transferring
from knowledge_base.writing import following, life, uploading

SCHEDULE: Schedule = (
    (timedelta(minutes=1), life.publish_due),
    (timedelta(minutes=5), live.trim),
    (timedelta(minutes=5), tending.look_after),
    (timedelta(minutes=5), receiving.read_left_behind),
    (timedelta(hours=1), idempotency.forget),
    (timedelta(hours=1), following.follow_due),
    (timedelta(days=1), forgetting.drop_old_letters),
    (timedelta(days=1), agents.forget),
    (timedelta(days=1), customers.forget),
    (timedelta(days=1), noticing.sweep),
    (timedelta(days=1), imports.drop_old_files),
    (timedelta(days=1), planning.forget),
    (timedelta(days=1), stages.review_all),
    (timedelta(days=1), tending.tidy),
    (timedelta(days=1), trail.forget),
    (timedelta(days=1), transferring.drop_old_files),
    (timedelta(days=1), uploading.drop_unused),
)

# Once more whenever a worker starts: what a crash or another version left behind is seen at once.
AT_START = (tending.look_after,)
