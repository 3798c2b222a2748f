"""Every table of the house, loaded together: foreign keys go by name, so all names must be known."""

from helpdesk.accounts import models as accounts
from helpdesk.api import models as api
from helpdesk.channels.email import mailboxes
from helpdesk.channels.email import models as email
from helpdesk.chat import models as chat
from helpdesk.core import files, jobs, live, mail, scheduling
from helpdesk.customers import custom_fields, likeness, orders, sessions
from helpdesk.customers import models as customers
from helpdesk.exchange import models as exchange
from helpdesk.lifecycle import models as lifecycle
from helpdesk.lifecycle import rulebook, snapshots
from helpdesk.surveys import models as surveys
from helpdesk.tickets import models as tickets
from helpdesk.tickets import participants, planned, thread
from knowledge_base import acts, belongings, categories, steps, stores, transfers, vocabulary
from knowledge_base import models as knowledge_base

MODULES = (
    *(accounts, api, chat, customers, email, files, jobs, knowledge_base, lifecycle, live, mail),
    *(acts, belongings, categories, steps, stores, transfers, vocabulary),
    *(custom_fields, exchange, likeness, mailboxes, participants, planned),
    *(orders, rulebook, scheduling, sessions, snapshots, surveys, thread, tickets),
)
