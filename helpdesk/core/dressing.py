"""What our Markdown gets beyond CommonMark: anchors at headings, callouts, and what a page of its own has."""

import re
import unicodedata
from typing import TYPE_CHECKING

from helpdesk.core.page_dressing import PageDressing

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

# An article has the language of its author, not of its reader: so these are not the page's translations.
CALLOUTS = {"Note": "補足", "Tip": "ヒント", "Important": "重要", "Warning": "注意", "Caution": "警告"}


def dress(state: "StateCore") -> None:
    """Anchors for headings; classes of ours, since our pages allow no style attributes."""
    taken: dict[str, int] = {}
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(words(state.tokens[index + 1]), taken))
        elif token.type in ("th_open", "td_open") and (style := token.attrGet("style")):
            token.attrs = {"class": f"is-{str(style).rpartition(':')[2]}"}
        elif token.type == "alert_open":
            token.attrSet("class", f"callout callout--{token.info.lower()}")
        elif token.type == "alert_title_open":
            token.attrSet("class", "callout__title")
            _translate_title(state.tokens[index + 1], state.env.get("lang", "en"))
        elif token.attrGet("class") == "task-list-item":
            token.attrSet("class", "task")
    if state.env.get("page") is not None:
        PageDressing(state).dress()


def words(heading: "Token") -> str:
    """A heading as plain words."""
    return "".join(
        child.content for child in heading.children or () if child.type in ("text", "code_inline")
    ).strip()


def _translate_title(title: "Token", lang: str) -> None:
    for child in title.children or ():
        child.content = CALLOUTS.get(child.content, child.content) if lang == "ja" else child.content


def _anchor(words: str, taken: dict[str, int]) -> str:
    """The words as an id, in any script; prefixed so that no heading can take the place of an id of ours."""
    slug = "-".join(re.findall(r"\w+", unicodedata.normalize("NFKC", words).lower())) or "heading"
    taken[slug] = taken.get(slug, 0) + 1
    return f"section-{slug}" if taken[slug] == 1 else f"section-{slug}-{taken[slug]}"
