"""Which columns each kind of file may have, what people call them, and how a header is understood."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.customers.custom_fields import CustomField, FieldType
from helpdesk.exchange import values as v
from helpdesk.exchange.models import ColumnMap, What

_CUSTOMER = ("customer", "顧客ID", "customer_id customer_external_id customer.external_id 顧客番号 会員番号")
_ADDRESS = ("customer_email", "顧客メール", "customer.email customeremail 顧客のメールアドレス 購入者メール")


@dataclass(frozen=True)
class Column:
    """name: ours, also the header in English; ja: the header in Japanese; also: other names, by blanks."""

    name: str
    ja: str
    also: str
    read: v.Reader
    is_required: bool = False

    def header(self, language: str) -> str:
        """What stands above it in a template in this language."""
        return self.ja if language == "ja" else self.name

    def label(self, language: str) -> str:
        """What it is called on a page."""
        plain = self.name.rpartition(".")[2].replace("_", " ").capitalize()
        return self.ja if language == "ja" else plain

    @property
    def names(self) -> list[str]:
        return [self.name, self.ja, *self.also.split()]


_PLAIN: Mapping[What, Sequence[Column]] = {
    What.CUSTOMERS: (
        Column("external_id", "顧客ID", "id customer_id 顧客番号 顧客コード 会員番号", v.name_of),
        Column("name", "名前", "company company_name customer_name 氏名 会社名 お客様名", v.text(), True),
        Column("kana", "フリガナ", "かな カナ ふりがな name_kana reading よみ", v.text()),
        Column("type", "種別", "customer_type kind 区分 顧客区分", v.customer_type),
        Column("email", "メールアドレス", "mail e-mail email_address address メール", v.address),
        Column("contact_name", "担当者名", "contact person 担当者 ご担当者", v.text()),
        Column("contact_kana", "担当者フリガナ", "contact_reading", v.text()),
        Column("department", "部署", "部署名 所属", v.text()),
        Column("phone", "電話番号", "tel telephone phone_number 電話", v.text(60)),
        Column("domain", "ドメイン", "mail_domain website", v.domain),
        Column("language", "言語", "lang locale", v.language),
        Column("industry", "業種", "業界", v.text()),
        Column("source", "流入元", "came_from 流入経路 経路", v.text()),
        Column("owner", "社内担当", "owner_email account_owner 担当営業", v.address),
        Column("tags", "タグ", "labels ラベル", v.tags),
        Column("note", "メモ", "notes 備考 memo", v.prose()),
        Column("needs_care", "要配慮", "care", v.flag),
        Column("created_at", "登録日", "created met_at registered_at 登録日時 初回接触日", v.past),
    ),
    What.ORDERS: (
        Column("external_id", "注文番号", "id order_id order order_number 注文ID 受注番号", v.name_of, True),
        Column(*_CUSTOMER, v.name_of),
        Column(*_ADDRESS, v.address),
        Column("product", "商品名", "item sku product_name 商品 品名", v.text()),
        Column("amount", "金額", "total price amount_paid 合計 合計金額 注文金額 売上金額", v.money, True),
        Column("currency", "通貨", "currency_code", v.currency),
        Column("placed_at", "注文日", "date paid_at ordered_at 注文日時 購入日 入金日", v.past, True),
        Column("refunded", "返金額", "refund refund_amount 返金", v.money),
        Column("refunded_at", "返金日", "refund_date 返金日時", v.past),
    ),
    What.SUBSCRIPTIONS: (
        Column("external_id", "契約番号", "id subscription_id subscription 契約ID", v.name_of, True),
        Column(*_CUSTOMER, v.name_of),
        Column(*_ADDRESS, v.address),
        Column("plan", "プラン", "product plan_name プラン名 契約プラン", v.text(), True),
        Column("seats", "契約数", "quantity 席数 ライセンス数 アカウント数", v.count),
        Column("seats_used", "利用数", "used 利用席数", v.count),
        Column("price", "月額", "amount mrr monthly_price 月額料金", v.money),
        Column("currency", "通貨", "currency_code", v.currency),
        Column("started_at", "開始日", "start start_date 契約開始日 利用開始日", v.moment, True),
        Column("trial_ends_at", "試用終了日", "trial_end トライアル終了日", v.moment),
        Column("paid_from", "課金開始日", "paid_at 有料開始日", v.moment),
        Column("renews_at", "更新日", "renewal next_renewal 契約更新日 次回更新日", v.moment),
        Column("ended_at", "終了日", "end end_date cancelled_at canceled_at 解約日 契約終了日", v.moment),
    ),
    What.EVENTS: (
        Column("type", "種類", "event event_type kind name イベント イベント種別", v.text(80), True),
        Column(*_CUSTOMER, v.name_of),
        Column(*_ADDRESS, v.address),
        Column("occurred_at", "発生日時", "at date timestamp time 日時 発生日", v.past, True),
        Column("idempotency_key", "重複防止キー", "id key event_id イベントID", v.name_of),
        Column("payload", "内容", "details properties data", v.prose(20_000)),
        Column("payload.order", "注文番号", "order order_id", v.name_of),
        Column("payload.subscription", "契約番号", "subscription subscription_id", v.name_of),
        Column("payload.product", "商品名", "product item", v.text()),
        Column("payload.plan", "プラン", "plan", v.text()),
        Column("payload.amount", "金額", "amount total", v.count),
        Column("payload.price", "月額", "price", v.count),
        Column("payload.currency", "通貨", "currency", v.currency),
        Column("payload.seats", "契約数", "seats", v.count),
        Column("payload.seats_used", "利用数", "seats_used", v.count),
        Column("payload.active_people", "利用人数", "active_people active_users", v.count),
        Column("payload.actions", "操作数", "actions", v.count),
        Column("payload.reason", "理由", "reason", v.text()),
    ),
}  # fmt: skip


def columns(what: What) -> list[Column]:
    """All that a file of this kind may have; of customers the team's own fields too."""
    own = db.session.scalars(CustomField.in_use()).all() if what is What.CUSTOMERS else ()
    return [*_PLAIN[what], *map(_own, own)]


def proposed(what: What, header: Sequence[str]) -> dict[str, str]:
    """Each column of the file with ours, or empty: as people chose the last time, else by its name."""
    known = columns(what)
    last = select(ColumnMap.columns).where(ColumnMap.what == what, ColumnMap.header == _hash(header))
    if (chosen := db.session.scalar(last)) is not None:
        names = {column.name for column in known}
        return {name: chosen.get(name, "") if chosen.get(name) in names else "" for name in header}
    ours: dict[str, str] = {}
    for column in known:
        for name in column.names:
            ours.setdefault(_folded(name), column.name)
    found: dict[str, str] = {}
    for name in header:
        wanted = ours.get(_folded(name), "")
        found[name] = wanted if wanted not in found.values() else ""
    return found


def remember(what: What, header: Sequence[str], chosen: Mapping[str, str]) -> None:
    """Understand the same header in this way from now on."""
    told = {"columns": dict(chosen), "updated_at": now()}
    row = insert_into(ColumnMap).values(what=what, header=_hash(header), **told)
    db.session.execute(row.on_conflict_do_update(index_elements=["what", "header"], set_=told))


def _own(field: CustomField) -> Column:
    readers: dict[FieldType, v.Reader] = {
        FieldType.TEXT: v.text(1000),
        FieldType.NUMBER: lambda cell: float(v.number(cell)),
        FieldType.DAY: v.day,
        FieldType.FLAG: v.flag,
        FieldType.CHOICE: v.choice(field.choices.get("values", [])),
    }
    also = f"{field.key} {field.name_en.replace(' ', '_')}"
    return Column(f"extra.{field.key}", field.name_ja, also, readers[field.type])


def _folded(name: str) -> str:
    """What counts of a name: no case, no width, no blanks and joints."""
    return re.sub(r"[\s_・\-/()（）\[\]:：]", "", normalize("NFKC", name).lower())


def _hash(header: Sequence[str]) -> str:
    return sha256("\n".join(header).encode(errors="surrogatepass")).hexdigest()


def moment_of(value: Any) -> datetime | None:
    """A moment as `values` keeps it."""
    return datetime.fromisoformat(value) if value else None
