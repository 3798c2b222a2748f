"""The one room from which the whole house is seen."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk import errors, tables
from helpdesk.accounts import signing_in
from helpdesk.accounts.own_views import bp as own_settings
from helpdesk.accounts.views import bp as accounts
from helpdesk.api.views import bp as api
from helpdesk.channels.email.leaving.file_links import bp as file_links
from helpdesk.channels.email.pages.letters import bp as email
from helpdesk.channels.email.pages.mailboxes import bp as mailboxes
from helpdesk.channels.email.pages.posted import bp as hooks
from helpdesk.channels.email.pages.silent_addresses import bp as silent
from helpdesk.channels.email.pages.templates import bp as mail_templates
from helpdesk.channels.email.servers.sending import server_of
from helpdesk.chat.views import bp as chat
from helpdesk.config import Settings, load
from helpdesk.core import db, i18n, streaming, web
from helpdesk.customers.field_views import bp as fields
from helpdesk.desk.pages import bp as desk
from helpdesk.exchange.unknown_views import bp as unknown_events
from helpdesk.exchange.views import bp as imports
from helpdesk.lifecycle.course_views import bp as lifecycle
from helpdesk.lifecycle.editing.rule_views import bp as rules
from helpdesk.lifecycle.editing.stage_views import bp as stage_sets
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.monitoring import bp as monitoring
from helpdesk.portal.answers_views import bp as portal
from helpdesk.reactions import REACTIONS, UNDELIVERED
from helpdesk.reports.self_service_views import bp as self_service
from helpdesk.reports.views import bp as reports
from helpdesk.surveys.views import bp as surveys
from helpdesk.tickets.delivery_views import bp as tickets
from helpdesk.timeline import Reactions
from knowledge_base.index import tending
from knowledge_base.views import bp as knowledge_base

BLUEPRINTS = (
    accounts,
    api,
    lifecycle,
    chat,
    email,
    fields,
    file_links,
    hooks,
    imports,
    mail_templates,
    mailboxes,
    silent,
    monitoring,
    desk,
    knowledge_base,
    portal,
    reports,
    rules,
    self_service,
    own_settings,
    stage_sets,
    surveys,
    tickets,
    unknown_events,
)
# A token of their own in address, header or form proves who asks, not a cookie that browsers send by
# themselves.
GUARDED_BY_TOKEN = (api, chat, hooks, surveys)

csrf = CSRFProtect()


def create_app(settings: Settings | None = None, reactions: Reactions = REACTIONS) -> Flask:
    """Build the application; a test may hand over its own settings and reactions."""
    settings = settings or load()
    settings.home.mkdir(parents=True, exist_ok=True)
    folder = assets()
    app = Flask("helpdesk", template_folder=str(folder / "templates"), static_folder=str(folder / "static"))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config.from_mapping(_configuration(settings))
    app.extensions["helpdesk.reactions"] = reactions
    app.extensions["helpdesk.undelivered"] = UNDELIVERED
    app.extensions["helpdesk.smtp_server"] = server_of
    app.extensions["helpdesk.settings"] = settings
    app.extensions["helpdesk.tables"] = tables.MODULES
    app.extensions["helpdesk.stages"] = _stages
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    for part in (db, i18n, csrf, signing_in, web, errors, streaming, tending):
        part.init_app(app)
    app.context_processor(lambda: {"company_name": i18n.company_name()})
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for blueprint in GUARDED_BY_TOKEN:
        csrf.exempt(blueprint)
    # Its form stands on a page that is the same for every stranger; the view looks at where it comes from.
    csrf.exempt("knowledge_base.views.articles.vote")
    return app


def assets() -> Path:
    """Where templates and static files are: inside an installed package, else beside it."""
    here = Path(__file__).resolve().parent
    return here / "_assets" if (here / "_assets").is_dir() else here.parent


def _stages() -> list[tuple[str, str]]:
    """Keys and names of the stages in use, for rooms that lie below the lifecycle."""
    return [(stage.key, stage.name(i18n.language())) for stage in stages_in_use()]


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        **{f"HELPDESK_{name.upper()}": value for name, value in settings.model_dump().items()},
        "HELPDESK_HOME": settings.home.resolve(),
        "HELPDESK_SITE_URL": settings.site_url.rstrip("/") or "http://localhost:8000",
        "SECRET_KEY": settings.key(),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "BABEL_DEFAULT_LOCALE": settings.default_lang,
        "MAX_CONTENT_LENGTH": settings.max_upload,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "SESSION_COOKIE_NAME": "__Host-helpdesk" if settings.is_production else "helpdesk_session",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        # The session's own life bounds the token; an hour would spoil long drafts.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.is_production,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return {"connect_args": {"timeout": 15}, "pool_size": 20, "max_overflow": 50}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "pool_recycle": 1800}
