"""How like two customers are, from what is known of each; pure, and never by the name alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from helpdesk.customers import folding

# What speaks for one customer besides the name, and how much: a chance of being right, each for itself.
WEIGHTS = {"address": 0.9, "external": 0.8, "phone": 0.8, "domain": 0.6}
# How much the names must agree. Of persons almost wholly: a family shares its telephone and its domain.
_PERSONS, _COMPANIES = 0.9, 0.84
# One mailbox is one reader, whatever name was given; some likeness tells it from a desk that many share.
_ONE_MAILBOX = 0.5
_SAME_READING = 0.98
# Names that differ in one of these are of two: 第一工業 and 第二工業, 一郎 and 二郎, East and West.
_TELLING = frozenset("0123456789一二三四五六七八九十東西南北新旧")


@dataclass(frozen=True)
class Name:
    """A name and its reading, both as `folding.core` leaves them; empty where not known."""

    core: str
    kana: str = ""


@dataclass(frozen=True)
class Profile:
    """What one customer is compared by, all of it folded."""

    id: int
    is_company: bool
    name: Name
    people: frozenset[Name]
    phones: frozenset[str]
    addresses: frozenset[str]
    domains: frozenset[str]
    external: str = ""

    @classmethod
    def of(
        cls, customer: Any, people: Iterable[Any], addresses: Iterable[str], *, is_company: bool
    ) -> "Profile":
        """Of rows with the columns of `Customer` and `Contact`, and the addresses of these people."""
        people, written = list(people), list(addresses)
        domains = {folding.private_domain(each) for each in [*written, customer.domain or ""]}
        return cls(
            id=customer.id,
            is_company=is_company,
            name=_name(customer),
            people=frozenset(_name(each) for each in people),
            phones=frozenset(number for each in people for number in folding.numbers(each.phone)),
            addresses=frozenset(map(folding.mailbox, written)),
            domains=frozenset(domain for domain in domains if domain),
            external=folding.external(customer.external_id or ""),
        )

    def evidence(self) -> dict[str, frozenset[str]]:
        """What it can share with another, by kind; the names are no evidence."""
        external = frozenset({self.external} - {""})
        return {"address": self.addresses, "external": external, "phone": self.phones, "domain": self.domains}

    def keys(self) -> set[tuple[str, str]]:
        """What others are found by, as rows of `LikenessKey`."""
        found = {(kind, key) for kind, keys in self.evidence().items() for key in keys}
        named = {("name", self.name.core), ("kana", self.name.kana)}
        return found | {(kind, key) for kind, key in named if key}


def compare(one: Profile, other: Profile, *, shared_by_many: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What speaks for the two being one: {"phone": "+81…", "name": 0.98}; empty where too little does.

    shared_by_many: keys that so many share that they say nothing, such as the domain of a mail service.
    """
    theirs = other.evidence()
    common = {kind: keys & theirs[kind] - shared_by_many for kind, keys in one.evidence().items()}
    found: dict[str, Any] = {kind: min(keys) for kind, keys in common.items() if keys}
    if not found:
        return {}
    agreement, wanted = _agreement(one, other)
    if "address" in found:
        wanted = _ONE_MAILBOX
        # An address that stands for a name says nothing against it.
        agreement = agreement if one.name.core and other.name.core else max(agreement, wanted)
    return {**found, "name": round(agreement, 3)} if agreement >= wanted else {}


def score(reasons: dict[str, Any]) -> float:
    """0.0 to 1.0: each reason leaves a doubt, and the doubts are multiplied."""
    doubt = 1 - 0.9 * float(reasons.get("name", 0.0)) ** 4
    for kind, weight in WEIGHTS.items():
        doubt *= 1 - weight if kind in reasons else 1
    return round(1 - doubt, 4)


def likeness(one: Name, other: Name) -> float:
    """0.0 to 1.0; readings decide where both are known, for kanji of one name differ more than its sound."""
    # Loaded by those who compare: it is costly at a start.
    from rapidfuzz import fuzz  # noqa: PLC0415

    if not one.core or not other.core:
        return 0.0
    if one.core == other.core:
        return 1.0
    if one.kana and other.kana:
        told_apart = _are_told_apart(one.core, other.core)
        return 0.0 if told_apart else _SAME_READING * fuzz.ratio(one.kana, other.kana) / 100
    # One of them may be written as it sounds.
    pairs = [(one.core, other.kana), (one.kana, other.core)]
    pairs += [] if _are_told_apart(one.core, other.core) else [(one.core, other.core)]
    return max((fuzz.ratio(*pair) for pair in pairs if all(pair)), default=0.0) / 100


def _name(row: Any) -> Name:
    return Name(folding.core(row.name), folding.core(row.kana) if row.kana else "")


def _agreement(one: Profile, other: Profile) -> tuple[float, float]:
    """How far the names agree, and how far they must: by what the two are, companies or persons."""
    if one.is_company and other.is_company:
        plain = likeness(one.name, other.name)
        bare = [Name(folding.without_department(name.core), name.kana) for name in (one.name, other.name)]
        return max(plain, 0.95 * (bare[0].core == bare[1].core)), _COMPANIES
    as_houses = likeness(one.name, other.name)
    if one.is_company != other.is_company and as_houses >= _COMPANIES:
        # A company that was taken for a person when it first wrote.
        return as_houses, _COMPANIES
    theirs = [name for name in (other.name, *other.people) if name.core]
    mine = [name for name in (one.name, *one.people) if name.core]
    return max([likeness(a, b) for a in mine for b in theirs], default=0.0), _PERSONS


def _are_told_apart(one: str, other: str) -> bool:
    """Whether what only one of them has is there to tell them apart."""
    counts = Counter(one), Counter(other)
    rest = (counts[0] - counts[1]) + (counts[1] - counts[0])
    return bool(_TELLING & rest.keys())
