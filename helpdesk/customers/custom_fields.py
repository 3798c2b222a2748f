"""What a team keeps of its customers beyond what every house does: fields of its own."""

import enum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import Model


class FieldType(enum.Enum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    FLAG = "flag"
    CHOICE = "choice"


class CustomField(Model):
    """One field; its values lie in `Customer.extra`, by key."""

    __tablename__ = "custom_fields"

    key: Mapped[str] = mapped_column(unique=True)
    name_ja: Mapped[str]
    name_en: Mapped[str]
    type: Mapped[FieldType]
    # Of a choice: {"values": ["A", "B"]}.
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What the law protects (health, belief, origin …): shown with care, and no rule may ask for it.
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    # What it is kept for, as one would tell the person.
    purpose: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    is_retired: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def in_use(cls) -> Select["CustomField"]:
        return select(cls).where(~cls.is_retired).order_by(cls.position, cls.id)

    def name(self, language: str) -> str:
        return self.name_ja if language == "ja" else self.name_en
