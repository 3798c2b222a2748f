"""When this happens, do that: everything that follows from a fact, in one table.

A reaction gets `(subject, event)`, writes rows or asks for jobs, and never sends, fetches or indexes.
`None` is every kind.
"""

from collections.abc import Sequence

from helpdesk.channels.email.arriving import news
from helpdesk.channels.email.leaving import acknowledging, outbound
from helpdesk.core.mail import Undelivered
from helpdesk.desk import answering
from helpdesk.lifecycle import stages, targets
from helpdesk.surveys import invitations
from helpdesk.tickets import planning
from helpdesk.timeline import Kind, Reactions

REACTIONS: Reactions = {
    Kind.CUSTOMER_ADDED: (stages.start,),
    Kind.TICKET_OPENED: (targets.start_clocks, acknowledging.acknowledge),
    Kind.TICKET_HEARD: (planning.stop_when_heard, news.tell_of_message),
    Kind.TICKET_ASSIGNED: (news.tell_of_handing_over,),
    Kind.TICKET_REPLIED: (outbound.post_reply, answering.note_articles),
    Kind.LETTER_RETRIED: (outbound.post_again,),
    Kind.TICKET_RESOLVED: (invitations.invite, planning.stop_when_resolved),
    Kind.TICKET_REOPENED: (invitations.void,),
    None: (stages.review_later,),
}

# When a letter will not arrive, do that.
UNDELIVERED: Sequence[Undelivered] = (outbound.note_failure,)
