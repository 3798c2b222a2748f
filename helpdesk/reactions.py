"""When this happens, do that: everything that follows from a fact, in one table.

A reaction gets `(subject, event)`, writes rows or asks for jobs, and never sends, fetches or indexes.
`None` is every kind.
"""

from helpdesk.timeline import Reactions

REACTIONS: Reactions = {}
