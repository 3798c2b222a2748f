"""The expressions that mean the same here: those that come with the product and those that editors wrote."""

from flask import current_app
from sqlalchemy import func, select

from helpdesk.core.db import db
from knowledge_base.finding.asking import Synonyms, shipped_groups
from knowledge_base.vocabulary import SynonymGroup

_KEY = "helpdesk.synonyms"


def known_synonyms() -> Synonyms:
    """Shipped and own ones; kept by the process until an editor changes a group."""
    figures = func.count(SynonymGroup.id), func.max(SynonymGroup.id), func.max(SynonymGroup.updated_at)
    stamp = tuple(db.session.execute(select(*figures)).one())
    kept = current_app.extensions.get(_KEY)
    if kept is None or kept[0] != stamp:
        own = db.session.scalars(select(SynonymGroup.expressions).order_by(SynonymGroup.id))
        kept = current_app.extensions[_KEY] = (stamp, Synonyms([*shipped_groups(), *own]))
    synonyms: Synonyms = kept[1]
    return synonyms
