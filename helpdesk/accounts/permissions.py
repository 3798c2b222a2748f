"""Who may come in: roles on views. What they see inside is decided by the queries."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, abort
from flask_login import current_user, login_required

from helpdesk.accounts.models import Agent, Role


def needs(role: Role) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only agents of `role` or above in: strangers sign in first, others get 403."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        @login_required
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.may(role):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


def staff_only(blueprint: Blueprint, role: Role = Role.AGENT) -> None:
    """Let only agents of `role` or above into every view of `blueprint`."""

    @blueprint.before_request
    @needs(role)
    def _check() -> None:
        return None


def me() -> Agent:
    """The agent who is signed in, as a row that verbs and queries take; behind `staff_only` or `needs`."""
    return cast(Agent, current_user._get_current_object())
