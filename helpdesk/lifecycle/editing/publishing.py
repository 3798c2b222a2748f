"""Putting a draft into use: everybody goes where its mapping says, and the rules look again, quietly."""

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.editing.drafts import touch
from helpdesk.lifecycle.editing.soundness import Fault, faults
from helpdesk.lifecycle.models import SetStatus, StageSet
from helpdesk.lifecycle.presets import carry_over, next_version


class Unsound(Exception):
    """The draft cannot be published; `faults` says why."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.why}" for fault in found))
        self.faults = found


def publish(draft: StageSet, edition: int, *, by: Agent) -> None:
    """Put the draft into use as the newest version; the set before is kept, retired, with its names.

    Two at once are told apart by the editions of both sets. Raises `Overtaken` and `Unsound`.
    """
    touch(draft, edition, by=by)
    if bars := [fault for fault in faults(draft) if fault.is_bar]:
        raise Unsound(bars)
    before = StageSet.in_use()
    draft.status, draft.published_at = SetStatus.PUBLISHED, now()
    if draft.version < next_version(draft.key) - 1:
        draft.version = next_version(draft.key)
    if before is not None:
        before.status = SetStatus.RETIRED
        carry_over(before, draft)
    stages.review_all(quiet=True)
