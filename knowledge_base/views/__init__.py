"""The pages of the knowledge base: `reader` for everybody, `staff` for those who write."""

from knowledge_base.views import (
    articles,
    beside,
    categories,
    explaining,
    feeds,
    history,
    learned,
    life,
    listing,
    reader,
    staff,
    transfer,
    words,
)
from knowledge_base.views.blueprint import bp

__all__ = [
    "articles",
    "beside",
    "bp",
    "categories",
    "explaining",
    "feeds",
    "history",
    "learned",
    "life",
    "listing",
    "reader",
    "staff",
    "transfer",
    "words",
]
