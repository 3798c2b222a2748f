"""The same request twice is one: whoever repeats an Idempotency-Key gets the first answer again."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from flask import Response, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.api.models import KeptAnswer
from helpdesk.api.problems import Problem
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db, insert_into

HEADER = "Idempotency-Key"
LONGEST_KEY = 200
KEY_PATTERN = "^[!-~]+$"
# How long an answer is kept, and how long a request may be worked on before a retry may take its place.
KEPT_FOR = timedelta(hours=24)
IN_FLIGHT_FOR = timedelta(minutes=2)
_KEPT_HEADERS = ("Location", "ETag")


def once(token_id: int, body: bytes, work: Callable[[], Response]) -> Response:
    """Do `work`, which does not commit, and keep its answer in the same transaction; or give what was kept.

    Without a key in the request it is simply done. A refusal is not kept: the same key may try again.
    """
    key = _key()
    if key is None:
        response = work()
        db.session.commit()
        return response
    db.session.commit()  # the claim is written aside, and would wait for this transaction
    claim = _claim(token_id, key, sha256(body).hexdigest())
    if isinstance(claim, Response):
        return claim
    try:
        response = work()
        _keep(claim, response)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        with aside() as own:
            own.execute(delete(KeptAnswer).where(KeptAnswer.id == claim, KeptAnswer.status.is_(None)))
        raise
    return response


def forget() -> None:
    """Drop the answers that nobody can ask for any more."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.claimed_at < now() - KEPT_FOR))


def _key() -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (len(key) <= LONGEST_KEY and re.fullmatch(KEY_PATTERN, key)):
        why = f"1 to {LONGEST_KEY} visible ASCII characters"
        raise Problem(422, "invalid", fields=[(HEADER, why)])
    return key


def _claim(token_id: int, key: str, body_hash: str) -> int | Response:
    """The number of the claim that is ours now, or the answer that is kept."""
    route = f"{request.method} {request.path}"
    ours = {"token_id": token_id, "route": route, "key": key}
    fresh = {"body_hash": body_hash, "claimed_at": now(), "status": None, "body": "", "headers": {}}
    with aside() as own:
        _drop_old(own, ours)
        made = insert_into(KeptAnswer).values(**ours, **fresh).on_conflict_do_nothing()
        claim: int | None = own.scalar(made.returning(KeptAnswer.id))
        if claim is not None:
            return claim
        kept = own.scalars(select(KeptAnswer).filter_by(**ours)).one_or_none()
        return _given_again(kept, body_hash)


def _drop_old(own: Session, ours: dict[str, object]) -> None:
    """An answer of yesterday, or a claim whose worker died: the key is free again."""
    row = delete(KeptAnswer).filter_by(**ours)
    own.execute(row.where(KeptAnswer.claimed_at < now() - KEPT_FOR))
    own.execute(row.where(KeptAnswer.status.is_(None), KeptAnswer.claimed_at < now() - IN_FLIGHT_FOR))


def _given_again(kept: KeptAnswer | None, body_hash: str) -> Response:
    if kept is not None and kept.body_hash != body_hash:
        raise Problem(409, "key-reused", "The same key came with another body.")
    if kept is None or kept.status is None:
        raise Problem(409, "in-flight", headers={"Retry-After": "1"})
    response = Response(kept.body, kept.status, kept.headers, mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _keep(claim: int, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = {"status": response.status_code, "body": response.get_data(as_text=True), "headers": headers}
    mine = update(KeptAnswer).where(KeptAnswer.id == claim, KeptAnswer.status.is_(None)).values(answer)
    if db.session.scalar(mine.returning(KeptAnswer.id)) is None:
        raise Problem(409, "in-flight", "A retry took this request's place.")
