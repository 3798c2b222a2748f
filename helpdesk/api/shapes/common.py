"""What all shapes share: strict ways in, text that a page and a database can hold, pieces of lists."""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from helpdesk.accounts.models import Agent
from helpdesk.core.text import one_line, without_controls

T = TypeVar("T")

MOST = 100
# Numbers that every JSON reader keeps exact.
LARGEST_NUMBER = 2**53 - 1
# Moments outside are cut to these: databases and time zones end before the calendar does.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

# What cannot be seen, as in `core.text`: a name of these alone is no name.
_UNSEEN = (
    r"\s\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff"
)
SEEN = f"[^{_UNSEEN}]"
_OF_ADDRESS = f"[^@<>{_UNSEEN}]"

# A shape is worked out when it is first met: sixty of them at once would be felt at each start.
STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)


def _cut(at: datetime) -> datetime:
    return min(max(at, _EARLIEST), _LATEST)


Name = Annotated[str, Field(pattern=SEEN, max_length=200), AfterValidator(one_line)]
Subject = Annotated[str, Field(pattern=SEEN, max_length=250), AfterValidator(one_line)]
Tag = Annotated[str, Field(pattern=SEEN, max_length=50), AfterValidator(one_line)]
# May be empty.
Line = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Prose = Annotated[str, Field(pattern=SEEN, max_length=200_000), AfterValidator(without_controls)]
Note = Annotated[str, Field(max_length=20_000), AfterValidator(without_controls)]
Address = Annotated[str, Field(pattern=rf"^{_OF_ADDRESS}+@{_OF_ADDRESS}+\.{_OF_ADDRESS}+$", max_length=254)]
Language = Annotated[str, Field(pattern="^(ja|en)$")]
Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Moment = Annotated[AwareDatetime, AfterValidator(_cut)]


class In(BaseModel):
    """What a program sends: nothing unknown, nothing guessed."""

    model_config = STRICT


class Query(BaseModel):
    """What stands in an address; everything there is text, so numbers and moments are read from it."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Paging(Query):
    """How much of a list, and from where."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[str, Field(max_length=200)] | None = None


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(defer_build=True)


class Page(BaseModel, Generic[T]):
    """A piece of a list; `next` is the cursor of the following one, null at the end."""

    model_config = ConfigDict(defer_build=True)

    items: list[T]
    next: str | None


class AgentOut(Out):
    """A colleague."""

    id: int
    name: str
    email: str

    @classmethod
    def of(cls, agent: Agent | None) -> "AgentOut | None":
        return cls(id=agent.id, name=agent.name, email=agent.email) if agent else None


class Named(Out):
    """Something with a name."""

    id: int
    name: str
