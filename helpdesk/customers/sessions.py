"""How a customer is known without a password: links sent to their address, and the sessions these start."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import BrowserSession, hashed
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.signing import is_marked, mark
from helpdesk.customers.models import Contact, ContactAddress

# How long a link in a letter opens the door, and how often its code may be mistyped.
LINK_FOR = timedelta(minutes=15)
CODE_TRIES = 5
CODE_LENGTH = 6
# Without letters and digits that look alike.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class ContactSession(BrowserSession):
    """A browser of a contact's."""

    __tablename__ = "contact_sessions"
    IDLE_FOR, LASTS_FOR = timedelta(days=14), timedelta(days=30)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True)


class SignInLink(Model):
    """A letter's way in: its link opens the browser that asked; elsewhere its code is typed too."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(unique=True)
    # Of the secret that the asking browser keeps.
    browser_hash: Mapped[str] = mapped_column(index=True)
    # Keyed: six characters are too few for a plain hash.
    code_mark: Mapped[str]
    address_id: Mapped[int] = mapped_column(
        ForeignKey("contact_addresses.id", ondelete="CASCADE"), index=True
    )
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)

    address: Mapped[ContactAddress] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def issue(cls, address: ContactAddress, browser_hash: str) -> tuple[str, str]:
        """Make the link of `address`, the only one that opens from now on; returns its token and its code."""
        db.session.execute(delete(cls).where(cls.address_id == address.id))
        token = secrets.token_urlsafe(32)
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(CODE_LENGTH))
        known = hashed(token)
        code_mark = mark("sign-in code", f"{known}.{code}")
        db.session.add(cls(token_hash=known, browser_hash=browser_hash, code_mark=code_mark, address=address))
        return token, code

    @classmethod
    def of(cls, token: str) -> Self | None:
        """The link of `token` while it opens, or None where it is unknown, used, overtaken or too old."""
        return cls._open(cls.token_hash == hashed(token))

    @classmethod
    def asked_by(cls, browser: str) -> Self | None:
        """The newest link that this browser asked for, while it opens."""
        return cls._open(cls.browser_hash == hashed(browser)) if browser else None

    def is_of(self, browser: str) -> bool:
        """Whether `browser` holds the secret of the one that asked."""
        return bool(browser) and secrets.compare_digest(self.browser_hash, hashed(browser))

    def takes(self, code: str) -> bool:
        """Try a typed code; after `CODE_TRIES` wrong ones the link opens no more."""
        self.tries += 1
        typed = code.strip().upper().replace(" ", "").replace("-", "")
        return is_marked("sign-in code", f"{self.token_hash}.{typed}", self.code_mark)

    def use(self) -> Contact:
        """Spend the link: whoever came by it reads that address. Returns whose it is."""
        contact = self.address.contact
        self.address.verified_at = self.address.verified_at or now()
        db.session.delete(self)
        return contact

    @classmethod
    def forget(cls) -> None:
        """Drop the links that open no more."""
        db.session.execute(delete(cls).where(cls.created_at < now() - LINK_FOR))

    @classmethod
    def _open(cls, condition: ColumnElement[bool]) -> Self | None:
        fresh = cls.created_at > now() - LINK_FOR
        links = select(cls).where(condition, fresh, cls.tries < CODE_TRIES)
        return db.session.scalar(links.order_by(cls.id.desc()).limit(1).with_for_update(of=cls))
