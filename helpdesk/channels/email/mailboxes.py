"""The company's own addresses: where letters are fetched, in whose voice they are answered."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parseaddr

from flask import current_app, g
from sqlalchemy import BigInteger, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Team
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.sealed import Unsealable, seal, unseal
from helpdesk.core.smtp import mailbox as written


class Tls(enum.Enum):
    """How a connection is kept from strangers; certificates are always checked."""

    FROM_THE_START = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SignIn(enum.Enum):
    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    OAUTH2 = "oauth2"


class AfterFetching(enum.Enum):
    """What becomes of a letter on its server, once it is kept here."""

    SEEN = "seen"
    MOVED = "moved"
    LEFT = "left"


class LetterStyle(enum.Enum):
    """HTML beside the plain text, or that alone as Japanese companies write it: 宛名、署名、引用."""

    HTML = "html"
    PLAIN = "plain"


class Mailbox(Model):
    """One address of ours, with its team, voice and servers."""

    __tablename__ = "mailboxes"

    # The name that customers read in From.
    name: Mapped[str]
    address: Mapped[str] = mapped_column(unique=True)
    # Further addresses that lead here: none of them is ever a customer's.
    aliases: Mapped[list[str]] = mapped_column(default=list)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    # Of letters to people whose language is not known; None is the workspace's.
    language: Mapped[str | None]
    # Where tickets of other channels are answered from.
    is_default: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    style: Mapped[LetterStyle] = mapped_column(default=LetterStyle.HTML)
    quotes: Mapped[bool] = mapped_column(default=True)
    signature: Mapped[str] = mapped_column(default="")
    # Whether whoever writes first gets an automatic word that it has come.
    acknowledges: Mapped[bool] = mapped_column(default=False)

    # Empty where letters are piped, posted, or do not come at all.
    imap_host: Mapped[str] = mapped_column(default="")
    imap_port: Mapped[int] = mapped_column(default=993)
    imap_tls: Mapped[Tls] = mapped_column(default=Tls.FROM_THE_START)
    imap_user: Mapped[str] = mapped_column(default="")
    imap_folder: Mapped[str] = mapped_column(default="INBOX")
    after_fetching: Mapped[AfterFetching] = mapped_column(default=AfterFetching.SEEN)
    # Where `MOVED` puts them.
    done_folder: Mapped[str] = mapped_column(default="")
    # Empty sends by HELPDESK_SMTP_URL.
    smtp_host: Mapped[str] = mapped_column(default="")
    smtp_port: Mapped[int] = mapped_column(default=587)
    smtp_tls: Mapped[Tls] = mapped_column(default=Tls.STARTTLS)
    smtp_user: Mapped[str] = mapped_column(default="")
    sign_in: Mapped[SignIn] = mapped_column(default=SignIn.PASSWORD)
    oauth_token_url: Mapped[str] = mapped_column(default="")
    oauth_client_id: Mapped[str] = mapped_column(default="")
    oauth_scope: Mapped[str] = mapped_column(default="")
    # imap_password, smtp_password, client_secret, refresh_token: sealed.
    sealed: Mapped[str] = mapped_column(default="")
    # A keyed hash of what a posting server has to know; None takes no posts.
    hook_mac: Mapped[str | None] = mapped_column(unique=True)

    # How far it was fetched, in the numbering of `uid_validity`.
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    uid_next: Mapped[int] = mapped_column(BigInteger, default=1)
    fetched_at: Mapped[datetime | None]
    # Who fetches now, so that two workers do not do it at once.
    leased_until: Mapped[datetime | None]
    # What went wrong at the last try, and since when it does.
    fault: Mapped[str] = mapped_column(default="")
    fault_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    team: Mapped[Team | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def default(cls) -> "Mailbox":
        """The one that answers where no other was written to; without any, what the settings say."""
        chosen = select(cls).where(cls.is_active).order_by(cls.is_default.desc(), cls.id)
        return db.session.scalar(chosen.limit(1)) or cls._of_settings()

    @classmethod
    def answering(cls, mailbox_id: int | None) -> "Mailbox":
        """The one a ticket is answered from: its own where that is in use, else the default."""
        own = db.session.get(cls, mailbox_id) if mailbox_id is not None else None
        return own if own is not None and own.is_active else cls.default()

    @classmethod
    def of_address(cls, address: str) -> "Mailbox | None":
        """The mailbox that an address leads to, with or without a reply token; None for one of strangers."""
        spellings = {address.strip().lower(), without_token(address)}
        return next((each for each in cls.every() if spellings & each.addresses), None)

    @classmethod
    def every(cls) -> list["Mailbox"]:
        """All of them, few as they are."""
        known: list[Mailbox] | None = g.get("mailboxes")
        return list(db.session.scalars(select(cls).order_by(cls.id))) if known is None else known

    @classmethod
    def _of_settings(cls) -> "Mailbox":
        name, address = parseaddr(current_app.config["HELPDESK_MAIL_FROM"])
        voice = {"style": LetterStyle.HTML, "quotes": True, "signature": "", "acknowledges": False}
        return cls(name=name, address=address.lower(), aliases=[], smtp_host="", **voice)

    @property
    def addresses(self) -> set[str]:
        return {self.address, *self.aliases}

    @property
    def sender(self) -> str:
        """As it stands in From."""
        return written(self.name, self.address)

    @property
    def secrets(self) -> dict[str, str]:
        """What servers have to be told. Raises `Unsealable` where the secret key is another one."""
        return unseal(self.sealed)

    def keep_secrets(self, **secrets: str) -> None:
        """Set those that are given; an empty one leaves what is there, where that can still be read."""
        given = {name: value for name, value in secrets.items() if value}
        if not given:
            return
        try:
            known = unseal(self.sealed or "")
        except Unsealable:
            known = {}
        self.sealed = seal(known | given)


class FetchedLetter(Model):
    """A letter on an IMAP server that is kept here: fetched again, it is the same one."""

    __tablename__ = "fetched_letters"
    __table_args__ = (
        Index("uq_fetched_letters_place", "mailbox_id", "uid_validity", "uid", unique=True),
        Index("ix_fetched_letters_raw_letter_id", "raw_letter_id"),
    )

    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id", ondelete="CASCADE"))
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    raw_letter_id: Mapped[int] = mapped_column(ForeignKey("raw_letters.id", ondelete="CASCADE"))
    # When its server was told; None until then.
    marked_at: Mapped[datetime | None]


class MailTemplate(Model):
    """What a mailbox says around an answer, or in a letter of its own, in one language."""

    __tablename__ = "mail_templates"
    __table_args__ = (Index("uq_mail_templates_place", "mailbox_id", "purpose", "language", unique=True),)

    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id", ondelete="CASCADE"))
    # reply or acknowledgement.
    purpose: Mapped[str] = mapped_column(String(40))
    language: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    # Plain text with listed fields such as {{ answer }}: never a program.
    body: Mapped[str]

    @classmethod
    def of(cls, mailbox: Mailbox, purpose: str, language: str) -> "MailTemplate | None":
        """The mailbox's own words; None where the house's are said."""
        place = select(cls).where(cls.mailbox_id == mailbox.id, cls.purpose == purpose)
        return db.session.scalar(place.where(cls.language == language)) if mailbox.id else None


@contextmanager
def asked_once() -> Iterator[None]:
    """Within, `Mailbox.every` asks once: for one transaction that asks often and changes none of them."""
    g.mailboxes = Mailbox.every()
    try:
        yield
    finally:
        del g.mailboxes


def without_token(address: str) -> str:
    """support@example.com, of support+r1…@example.com too."""
    local, _, domain = address.strip().lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def is_own(address: str) -> bool:
    """Whether it is ours, with or without a token: such an address is never a customer's."""
    plain = without_token(address)
    return plain == own_address() or Mailbox.of_address(address) is not None


def own_address() -> str:
    """The address that customers write to where no mailbox says otherwise."""
    return parseaddr(current_app.config["HELPDESK_MAIL_FROM"])[1].lower()
