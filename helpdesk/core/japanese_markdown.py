"""Emphasis beside Japanese: CommonMark leaves `**重要:**必ず` unread, since no blank stands around it."""

import unicodedata
from typing import Self

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType


class JapaneseState(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        scanned = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1] if start else " "
        end = start + scanned.length
        after = self.src[end] if end < self.posMax else " "
        if not canSplitWord or not (_is_wide(before) or _is_wide(after)):
            return scanned
        opens = not after.isspace() and not (_is_point(after) and _is_letter(before))
        closes = not before.isspace() and not (_is_point(before) and _is_letter(after))
        return scanned._replace(can_open=opens, can_close=closes)


class JapaneseInline(ParserInline):
    """The stock parser of lines, with our state."""

    @classmethod
    def with_rules_of(cls, stock: ParserInline) -> Self:
        """The same rules, those of plugins among them."""
        inline = cls()
        inline.__dict__.update(stock.__dict__)
        return inline

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = JapaneseState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFH"


def _is_point(char: str) -> bool:
    """Punctuation of Latin text; that of Japanese stands in a line like any letter."""
    return not _is_wide(char) and unicodedata.category(char)[0] in "PS"


def _is_letter(char: str) -> bool:
    """Neither a blank, nor punctuation, nor Japanese."""
    return not (char.isspace() or _is_wide(char) or _is_point(char))
