"""What a guard has against sending an answer as it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One slip; `what` are its words.

    kind: newer, colleague, silent, attachment, outsider, name, honorific, company, placeholder.
    """

    kind: str
    what: str

    @property
    def code(self) -> str:
        """What "send anyway" says that it has seen: of another text it is another one."""
        return f"{self.kind}:{self.what}"
