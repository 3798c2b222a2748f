"""The pages of the knowledge base: `reader` for everybody, `staff` for those who write."""

from knowledge_base.views import reader, staff
from knowledge_base.views.blueprint import bp

__all__ = ["bp", "reader", "staff"]
