"""What a customer bought: orders, and the subscription they are on. Money is in minor units."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.db import Model
from helpdesk.customers.models import Customer


class Order(Model):
    """One purchase, net of discount."""

    __tablename__ = "orders"
    __table_args__ = (Index("ix_orders_customer_id_placed_at", "customer_id", "placed_at"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    external_id: Mapped[str | None] = mapped_column(unique=True)
    product: Mapped[str]
    # Minor units of `currency`: yen have none, so 5000 is 5,000 yen.
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="JPY")
    placed_at: Mapped[datetime]
    # What went back of `amount`, and when it last did.
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship()


class Subscription(Model):
    """A plan that runs; a trial is one that nobody pays for yet."""

    __tablename__ = "subscriptions"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    plan: Mapped[str]
    seats: Mapped[int] = mapped_column(default=1)
    seats_used: Mapped[int] = mapped_column(default=0)
    # Per month, minor units.
    price: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(default="JPY")
    started_at: Mapped[datetime]
    trial_ends_at: Mapped[datetime | None]
    paid_from: Mapped[datetime | None]
    renews_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship()


# Currencies whose smallest coin is the unit itself.
_WHOLE = frozenset({"JPY", "KRW", "VND", "CLP"})


def money(amount: int, currency: str = "JPY") -> str:
    """An amount in minor units as people write it: ¥612,000; USD 12.50."""
    if currency == "JPY":
        return f"{'-' if amount < 0 else ''}¥{abs(amount):,}"
    return f"{currency} {amount:,}" if currency in _WHOLE else f"{currency} {amount / 100:,.2f}"


def minor_units(amount: Decimal, currency: str) -> Decimal:
    """An amount as people write it in minor units: 12.50 US dollars are 1250, 500 yen are 500."""
    return amount if currency in _WHOLE else amount * 100
