"""What is wrong with a line of a file or with an event, kept to be said in the language of its reader."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from helpdesk.core.text import excerpt


def N_(words: str) -> str:
    """Mark words for translation where they are written; they are translated where they are shown."""
    return words


class Refused(ValueError):
    """What was told cannot be taken in; says why, and which field of it."""

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        self.message, self.field, self.values = message, field, values
        super().__init__(message % values if values else message)


@dataclass(frozen=True)
class Fault:
    """One thing wrong. line: of the file, from 1; 0 is the file as a whole. field: as we call it."""

    line: int
    field: str
    message: str
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, line: int, refused: Refused) -> "Fault":
        return cls(line, refused.field, refused.message, refused.values)

    @property
    def kept(self) -> dict[str, Any]:
        """As it is kept with its batch."""
        values = {
            name: excerpt(value) if isinstance(value, str) else value for name, value in self.values.items()
        }
        return {"line": self.line, "field": self.field, "message": self.message, "values": values}


def said(kept: dict[str, Any]) -> dict[str, Any]:
    """A kept fault with its words in the language spoken: line, field, message."""
    words, values = kept["message"], kept["values"]
    told = gettext(words, **values) if values else gettext(words)
    return {"line": kept["line"], "field": kept["field"], "message": told}
