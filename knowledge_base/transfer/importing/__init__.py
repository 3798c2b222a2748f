"""Articles from elsewhere: Markdown folders, JSON lines, exports of other help centres; all of them or none.

An article is known again by its external id and language: then it is a new revision, not a second article.
"""

from knowledge_base.transfer.importing.pages import Imported
from knowledge_base.transfer.importing.taking import take

__all__ = ["Imported", "take"]
