"""Every setting, read once at start from `HELPDESK_*` and `.env`; `docs/settings.md` explains each."""

import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class BadSettings(Exception):
    """A setting is malformed; the message names its variable."""


def _minutes(value: Any) -> Any:
    """Take a bare number as minutes; a timedelta stays."""
    return timedelta(minutes=float(value)) if isinstance(value, (int, float, str)) else value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {value}") from error
    return value


def _origins(value: Any) -> Any:
    """Take origins separated by spaces or commas: a scheme and a host, or `*.` and a domain."""
    found = tuple(value.replace(",", " ").split()) if isinstance(value, str) else value
    for origin in found:
        if not re.fullmatch(r"https?://(\*\.)?[a-zA-Z0-9.-]+(:\d+)?", origin):
            raise ValueError(f"not an origin such as https://www.example.com: {origin}")
    return found


def _ports(value: Any) -> Any:
    """Take port numbers separated by spaces or commas; `any` is none in particular."""
    if not isinstance(value, str):
        return value
    found = [] if value.strip() == "any" else value.replace(",", " ").split()
    if value.strip() != "any" and not found:
        raise ValueError("no port: name some, or any")
    for port in found:
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            raise ValueError(f"not a port from 1 to 65535: {port}")
    return tuple(map(int, found))


Minutes = BeforeValidator(_minutes)
Language = Literal["ja", "en"]


class Settings(BaseSettings):
    """Frozen for the life of the process."""

    model_config = SettingsConfigDict(env_prefix="HELPDESK_", env_file=".env", frozen=True, extra="ignore")

    # Where the database, the files, the search index and the generated key live.
    home: Path = Path("var")
    # Any SQLAlchemy URL; empty is SQLite in the home.
    database_url: str = ""
    # Signs cookies and links; empty makes one and keeps it in the home.
    secret_key: str = ""
    # The address that people type; empty is the bound address. Links in letters start with it.
    site_url: str = ""
    # Where letters leave: smtp://user:password@host:port, smtps://…; empty writes them to <home>/letters.
    smtp_url: str = ""
    # From line of the letters we write.
    mail_from: str = "Helpdesk <support@localhost>"
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Tokyo"
    default_lang: Language = "ja"
    # The name that customers know us by.
    company_name: str = "Helpdesk"
    # The same on English pages and in English letters; empty is the name above.
    company_name_en: str = ""
    # How long after a resolution its survey leaves, in minutes.
    survey_delay: Annotated[timedelta, Minutes] = timedelta(minutes=60)
    # Full hours of the workspace's clock, from-until, in which no survey leaves; empty asks at any hour.
    survey_quiet_hours: Annotated[str, Field(pattern=r"^(([01]?\d|2[0-3])-([01]?\d|2[0-3]))?$")] = "20-9"
    # How long an answer can be taken back after its press, in seconds; 0 says it at once.
    undo_send: int = Field(default=10, ge=0, le=600)
    # "off" for tests and measuring.
    rate_limits: bool = True
    # Largest upload, in bytes.
    max_upload: int = Field(default=25 * 2**20, gt=0)
    # How long the bytes of letters are kept beside what was read out of them, in days; 0 is for ever.
    raw_mail_days: int = Field(default=90, ge=0)
    # For how long after a resolution an answer by mail takes the ticket up again, in days; 0 is for ever.
    reopen_days: int = Field(default=14, ge=0)
    # A number or a foreign Message-ID of a proved participant: their ticket, or a new one tied to it.
    unsigned_replies: Literal["append", "link"] = "append"
    # Ports that a mailbox may name for its servers: mail is spoken there; none in particular is any.
    mail_ports: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_ports)] = (25, 143, 465, 587, 993, 2525)
    # Of the files of an answer that go with its letter, in bytes together; larger ones become links.
    mail_files: int = Field(default=10 * 2**20, ge=0)
    # Only behind a proxy that sets X-Forwarded-*: how many of them.
    trusted_proxies: int = Field(default=0, ge=0)
    # Sites that may show the chat in a frame, such as "https://www.example.com https://*.example.jp".
    widget_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)] = ()
    # Event streams one web process holds before it answers "poll instead".
    max_streams: int = Field(default=48, ge=0)
    # Whether links of articles into the wide world are followed once a week.
    check_links: bool = True
    # Whether they may lead into private networks: for a help centre of an intranet.
    check_private_links: bool = False
    # Where the words of the knowledge base are kept: files on one machine, or the database for several.
    kb_engine: Literal["whoosh", "database"] = "whoosh"
    # Search by meaning too, where the extra `semantic` is installed.
    kb_semantic: bool = True
    # json or text.
    log_format: Literal["json", "text"] = "text"
    # Whose Authentication-Results we believe; empty trusts none.
    authserv_id: str = ""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'helpdesk.db').resolve()}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def is_production(self) -> bool:
        """Whether people reach us over https: then cookies are Secure and host-bound."""
        return self.site_url.startswith("https://")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def key(self) -> str:
        """The secret key; made once and kept, readable by its owner only, where none is set."""
        if self.secret_key:
            return self.secret_key
        kept = self.home / "secret.key"
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(32))
        return kept.read_text().strip()


def load(**overrides: Any) -> Settings:
    """Read the settings, or raise `BadSettings` naming each bad variable and what is wrong with it."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = [f"HELPDESK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise BadSettings("; ".join(faults)) from error
