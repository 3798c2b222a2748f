"""What the help centre's first page shows: topics, and what others read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from knowledge_base.models import Article
from knowledge_base.steps import HelpStep

# What was read in this time counts as read often.
LOOK_BACK_FOR = timedelta(days=90)
MOST_POPULAR = 8
# Titles shown of each topic.
TASTE = 3


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


# Who is new reads these first, and who is not reads those last.
_ENDS = {"rocket": -1, "bell": 1}


@dataclass(frozen=True)
class Topic:
    """A category with the number of its articles, and a few of them."""

    id: int
    name: str
    count: int
    articles: Sequence[Article]

    @property
    def symbol(self) -> str:
        """The icon that stands for it."""
        fitting = (icon for icon, words in _SYMBOLS.items() if re.search(words, self.name, re.IGNORECASE))
        return next(fitting, "book-open")


def topics(lang: str) -> list[Topic]:
    """The categories of `lang` that have public articles: first steps, then the fullest, news at the end."""
    public = Article.public().where(Article.lang == lang, Article.category_id.is_not(None)).subquery()
    place = func.row_number().over(partition_by=public.c.category_id, order_by=public.c.id)
    count = func.count().over(partition_by=public.c.category_id)
    ranked = select(public.c.id, place.label("place"), count.label("count")).subquery()
    found = select(Article, ranked.c.count).join(ranked, ranked.c.id == Article.id)
    by_id: dict[int, tuple[int, list[Article]]] = {}
    for article, number in db.session.execute(found.where(ranked.c.place <= TASTE).order_by(Article.id)):
        by_id.setdefault(article.category_id or 0, (number, []))[1].append(article)
    told = [Topic(id, articles[0].category, number, articles) for id, (number, articles) in by_id.items()]
    return sorted(told, key=lambda topic: (_ENDS.get(topic.symbol, 0), -topic.count))


def popular(lang: str) -> Sequence[Article]:
    """What was read most of late; where nobody has read yet, what was published last."""
    read = select(HelpStep.article_id, func.count().label("times")).where(
        HelpStep.step == "read", HelpStep.at > now() - LOOK_BACK_FOR
    )
    times = read.group_by(HelpStep.article_id).subquery()
    public = Article.public().where(Article.lang == lang).outerjoin(times, times.c.article_id == Article.id)
    often = func.coalesce(times.c.times, 0).desc()
    return db.session.scalars(
        public.order_by(often, Article.published_at.desc(), Article.id.desc()).limit(MOST_POPULAR)
    ).all()
