"""Two people at one page: what the other one kept meanwhile, beside what was typed."""

from dataclasses import dataclass
from typing import Any

from wtforms import Field, Form


@dataclass(frozen=True)
class Difference:
    """A field whose words differ, as both would read them."""

    label: str
    theirs: str
    yours: str


def differences(form: Form, kept: dict[str, Any]) -> list[Difference]:
    """Where what was typed differs from what stands there now; `kept` by the names of the fields."""
    fields = [form[name] for name in kept if name in form and form[name].type != "HiddenField"]
    compared = [Difference(f.label.text, _words(f, kept[f.short_name]), _words(f, f.data)) for f in fields]
    return [each for each in compared if each.theirs != each.yours]


def _words(field: Field, value: Any) -> str:
    """A value as its field shows it."""
    for choice in getattr(field, "choices", None) or ():
        if choice.value == value:
            return str(choice.label)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return str(value or "").replace("\r\n", "\n")
