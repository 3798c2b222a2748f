"""What each customer had with the company beside letters: stages, trial, plan, orders, days of use."""

from datetime import datetime, timedelta
from typing import Any

from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.customers.orders import Order, Subscription
from helpdesk.demo import content, office
from helpdesk.demo.chance import weighted
from helpdesk.demo.lives import Life
from helpdesk.demo.places import lay_over, stand
from helpdesk.demo.rows import Row
from helpdesk.demo.world import World
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.timeline import Kind

_PLANS = {"light": 3, "standard": 5, "team": 2}
_MONTH = timedelta(days=30.44)
# Of those who pay, so many pay by the year.
_YEARLY = 0.3


def deal(world: World, life: Life) -> None:
    """Write down the customer and all that they had with us but letters."""
    _meet(world, life)
    _subscribe(world, life)
    _pay(world, life)
    _settle(world, life)
    _use(world, life)
    for span in life.spans:
        stand(world, life, span)
    if life.left_at:
        leave = {"field": "subscription_ended", "op": "eq", "wanted": True, "seen": True}
        lay_over(world, life, OverlayKind.ENDED, life.left_at, (leave, life.made["ended"]))


def _meet(world: World, life: Life) -> None:
    house, standing = life.house, life.spans[-1]
    customer = world.rows.add(
        Customer,
        name=house.name,
        kana=house.kana,
        type=house.type,
        domain=house.domain,
        language=house.language,
        industry=house.industry,
        source=house.source,
        stage_id=world.stages[standing.stage],
        stage_since=standing.since,
        owner_id=None,
        created_at=life.met_at,
    )
    life.made["customer"] = customer
    life.made["met"] = world.tell(Kind.CUSTOMER_ADDED, life, customer, life.met_at, table="customers")
    life.made["contacts"] = [_contact(world, life, number) for number in range(len(house.people))]


def _contact(world: World, life: Life, number: int) -> Row:
    person = life.house.people[number]
    # Colleagues turn up one after the other.
    at = min(life.met_at + timedelta(days=9 * number), world.at - timedelta(hours=1))
    contact = world.rows.add(
        Contact,
        customer_id=life.made["customer"],
        name=person.name,
        kana=person.kana,
        department=person.department,
        phone=person.phone,
        language=life.house.language,
        created_at=at,
    )
    world.rows.add(
        ContactAddress, contact_id=contact, address=person.address, verified_at=at, bounced_at=None
    )
    world.tell(Kind.CONTACT_ADDED, life, contact, at, table="contacts", contact=contact)
    return contact


def _subscribe(world: World, life: Life) -> None:
    """The trial, and the plan that it became."""
    if life.trial_at is None:
        return
    plan = {plan["key"]: plan for plan in content.company()["plan"]}[weighted(world.rng, _PLANS)]
    is_yearly = life.paid_at is not None and world.rng.random() < _YEARLY
    seats = plan["seats"] if life.path != "growth" else plan["seats"] + world.rng.choice((0, 2, 5))
    life.made["plan"], life.made["is_yearly"] = plan, is_yearly
    life.made["subscription"] = world.rows.add(
        Subscription,
        customer_id=life.made["customer"],
        plan=plan[f"name_{life.house.language}"],
        seats=seats,
        seats_used=max(1, _rounded_as_path(life, seats)),
        price=plan["monthly_price"] + plan["extra_seat_price"] * (seats - plan["seats"]),
        started_at=life.trial_at,
        trial_ends_at=life.trial_ends_at,
        paid_from=life.paid_at,
        renews_at=_renewal(world, life.paid_at) if is_yearly and life.left_at is None else None,
        ended_at=life.left_at or (life.trial_ends_at if life.path == "returned" else None),
    )
    _tell_of_trial(world, life)


def _rounded_as_path(life: Life, seats: int) -> int:
    """Seats in use: rounded so that those who grow pass four fifths of the plan, and the others do not."""
    used = round(life.usage * seats)
    if life.path == "growth":
        return max(used, -(-seats * 4 // 5))
    return min(used, seats * 3 // 4) if life.path != "advocate" else used


def _renewal(world: World, paid_at: datetime | None) -> datetime | None:
    while paid_at is not None and paid_at <= world.at:
        paid_at += timedelta(days=365)
    return paid_at


def _tell_of_trial(world: World, life: Life) -> None:
    plan = life.made["subscription"]
    told = {"table": "subscriptions", "plan": plan["plan"]}
    assert life.trial_at
    life.made["tried"] = world.tell(Kind.TRIAL_STARTED, life, plan, life.trial_at, **told)
    if life.returned_at and life.trial_ends_at:
        life.made["gave up"] = world.tell(Kind.TRIAL_ENDED, life, plan, life.trial_ends_at, **told)
    if life.paid_at:
        life.made["paid"] = world.tell(
            Kind.SUBSCRIPTION_STARTED, life, plan, life.paid_at, price=plan["price"], **told
        )
    if life.left_at:
        reason = world.rng.choice(content.comments()["leaving_reason"])
        words = world.rng.choice(reason[f"{life.house.language}_comments"])
        life.made["ended"] = world.tell(
            Kind.SUBSCRIPTION_ENDED, life, plan, life.left_at, reason=reason["key"], comment=words, **told
        )


def _pay(world: World, life: Life) -> None:
    if life.paid_at is None:
        return
    plan, every = life.made["subscription"], timedelta(days=365) if life.made["is_yearly"] else _MONTH
    price = life.made["plan"]["yearly_price"] if life.made["is_yearly"] else plan["price"]
    at, until = life.paid_at, life.left_at or world.at
    while at < until:
        _order(world, life, plan["plan"], price, at)
        at += every
    if life.path == "growth" and life.adopted_at:
        extra = world.rng.choice(content.company()["extra"][:2])
        at = life.adopted_at + (world.at - life.adopted_at) * 0.7
        _order(world, life, extra[f"name_{life.house.language}"], extra["price"], at)


def _order(world: World, life: Life, product: str, amount: int, at: datetime) -> None:
    order = world.rows.add(
        Order,
        customer_id=life.made["customer"],
        external_id=None,
        product=product,
        amount=amount,
        currency="JPY",
        placed_at=at,
        refunded_at=None,
    )
    world.tell(Kind.ORDER_PAID, life, order, at, table="orders", product=product, amount=amount)


def _settle(world: World, life: Life) -> None:
    """The first invoice sent, the checklist done, a referral."""
    steps: tuple[tuple[str, Kind, datetime | None, dict[str, Any]], ...] = (
        ("value", Kind.VALUE_REACHED, life.value_at, {"what": "first_invoice_sent"}),
        ("checklist", Kind.CHECKLIST_DONE, life.checklist_at, {"steps": 6}),
        ("praised", Kind.REFERRAL_ACCEPTED, life.praised_at, {}),
    )
    for name, kind, at, details in steps:
        if at is not None and at < world.at:
            life.made[name] = world.tell(kind, life, life.made["customer"], at, table="customers", **details)


def _use(world: World, life: Life) -> None:
    """A report for each working day since the trial began: who used it, how much."""
    if life.trial_at is None:
        return
    ends = life.left_at or (life.trial_ends_at if life.path == "returned" else None) or world.at
    seats = life.made["subscription"]["seats_used"]
    day, lasts = life.trial_at, (ends - life.trial_at) / timedelta(days=1)
    while day < ends:
        grown = (day - life.trial_at) / timedelta(days=1) / lasts
        people = round(seats * (0.3 + 0.7 * grown) * world.rng.uniform(0.6, 1.0))
        if office.is_workday(day.astimezone(office.ZONE).date()) and people:
            told = {"active_people": people, "actions": people * world.rng.randint(3, 14)}
            world.tell(Kind.USAGE_REPORTED, life, life.made["customer"], day, table="customers", **told)
        day += timedelta(days=1)
