"""What the help centre's first page shows of each topic."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.models import Viewer
from knowledge_base.reading.related import Leaf
from knowledge_base.reading.shelves import Branch, Shelves

# Titles shown of each topic.
TASTE = 4


# What a topic's name tells about its picture; the first that fits.
_SYMBOLS = {
    "rocket": r"start|はじめ|導入",
    "life-buoy": r"trouble|problem|困った|トラブル",
    "credit-card": r"billing|plan|pric|pay|料金|支払|契約",
    "file-text": r"invoice|estimate|quote|document|請求|見積|書類|帳票",
    "package": r"stock|inventor|deliver|ship|在庫|商品|配送",
    "lock": r"secur|password|sign.in|セキュリティ|パスワード|ログイン",
    "users": r"user|team|member|account|ユーザー|権限|アカウント",
    "plug": r"integrat|api|mobile|app|連携|アプリ|モバイル",
    "chart-column": r"report|data|レポート|データ|分析",
    "lightbulb": r"tip|guide|more|ヒント|活用|使い方",
    "bell": r"news|new|release|お知らせ|更新",
}


@dataclass(frozen=True)
class Topic:
    """A category at the top, with the number of articles in and below it, and the first of them."""

    id: int
    name: str
    # In both languages: its picture is the same in each.
    names: str
    count: int
    articles: Sequence[Leaf]

    @property
    def symbol(self) -> str:
        """The icon that stands for it."""
        fitting = (icon for icon, words in _SYMBOLS.items() if re.search(words, self.names, re.IGNORECASE))
        return next(fitting, "book-open")


def topics(lang: str, viewer: Viewer) -> list[Topic]:
    """The categories at the top in which `viewer` finds something in `lang`, in the order of editors."""
    return [_topic(branch, lang) for branch in Shelves(lang, viewer, taste=TASTE).top]


def _topic(branch: Branch, lang: str) -> Topic:
    category = branch.category
    names = f"{category.name_ja} {category.name_en}"
    return Topic(category.id, category.name(lang), names, branch.count, branch.articles)
