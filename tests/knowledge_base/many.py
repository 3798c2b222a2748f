"""Two thousand articles with their questions, written at once: what suggesting is tried and measured with."""

from itertools import product

from sqlalchemy import insert

from helpdesk.core.clock import now
from helpdesk.core.db import db
from knowledge_base.models import Article, ArticleStatus, Purpose, Visibility

THINGS = """
請求書 領収書 見積書 納品書 注文 契約 解約 返金 支払い 銀行口座 パスワード アカウント ログイン メール 通知
ダッシュボード レポート グラフ カレンダー タスク 予約 在庫 商品 顧客 担当者 部署 権限 テンプレート
ファイル 画像 バックアップ フォーム 連携 検索 印刷 住所 電話番号 会社名 二段階認証 承認
""".split()
DOINGS = """
確認する 変更する 削除する 追加する 再発行する 共有する 印刷する 取り込む 書き出す 復元する 止める
並べ替える 一括で更新する 非表示にする 自動にする 初期設定に戻す 他の人に渡す 予定する
""".split()
NOUNS = """
invoice receipt estimate order contract refund payment password account login notification report
chart calendar task booking customer department permission template picture backup form search
""".split()
VERBS = (
    "check change delete add reissue share print import export restore stop sort update hide assign".split()
)
BODY = {
    "ja": "画面の右上の設定を開き、対象を選んで保存を押します。",
    "en": "Open Settings, choose it, and press Save.",
}


def write_many(count: int = 2_000) -> None:
    """So many public articles, three in four Japanese; without revisions and without an index."""
    db.session.execute(insert(Article), [_row(number) for number in range(count)])
    db.session.commit()


def _row(number: int) -> dict[str, object]:
    lang, at = "en" if number % 4 == 3 else "ja", now()
    turn = number // 4 if lang == "en" else number - number // 4
    title, questions = _english(turn) if lang == "en" else _japanese(turn)
    names = {"lang": lang, "slug": f"many-{number}", "title": title, "questions": questions}
    states = {"status": ArticleStatus.PUBLISHED, "visibility": Visibility.PUBLIC, "purpose": Purpose.HOW_TO}
    times = {"published_at": at, "updated_at": at, "created_at": at}
    return {
        **names,
        **states,
        **times,
        "body": BODY[lang],
        "tags": [],
        "stages": [],
        "audience": [],
        "version": 1,
    }


def _japanese(turn: int) -> tuple[str, list[str]]:
    pairs = list(product(THINGS, DOINGS))
    thing, doing = pairs[turn % len(pairs)]
    place = ("", "アプリで", "管理画面で")[turn // len(pairs)]
    return f"{place}{thing}を{doing}", [
        f"{thing}はどこで{doing.removesuffix('する')}できますか",
        f"{place}{thing}を{doing}方法",
        f"{doing}ボタンが{thing}の画面にない",
    ]


def _english(turn: int) -> tuple[str, list[str]]:
    pairs = list(product(NOUNS, VERBS))
    noun, verb = pairs[turn % len(pairs)]
    place = ("", " in the app", " for a team")[turn // len(pairs)]
    questions = [f"How do I {verb} my {noun}{place}?", f"where to {verb} a {noun}", f"{noun} will not {verb}"]
    return f"{verb.capitalize()} a {noun}{place}", questions
