"""Who the customers of the demo company are: invented companies and persons, under reserved domains."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from helpdesk.customers.models import CustomerType
from helpdesk.demo import content, truth

# Of the customers, so many are one person alone.
_PERSONS = 14
# The forms of a company, and how people abbreviate them.
_FORMS = {"株式会社": ("㈱", "(株)"), "有限会社": ("㈲", "(有)"), "合同会社": ("(同)", "(同)")}
_SOURCES = ("検索", "紹介", "広告", "展示会", "ブログ", "SNS", "")


@dataclass(frozen=True)
class Person:
    """Somebody who writes. `called` is their name in a letter: of family, or the first one in English."""

    name: str
    kana: str
    called: str
    address: str
    department: str
    phone: str


@dataclass
class House:
    """A customer of record with its people."""

    name: str
    kana: str
    language: str
    type: CustomerType
    domain: str | None
    industry: str
    source: str
    people: list[Person] = field(default_factory=list)

    @property
    def company(self) -> str:
        """What stands for {company} in a letter; empty for a person alone."""
        return self.name if self.type is CustomerType.COMPANY else ""


def houses(rng: Random, count: int) -> list[House]:
    """So many different customers, a fifth of them English, in random order."""
    english = round(count * truth.ENGLISH_SHARE)
    lone_english = 3
    made = [_english_company(rng, entry) for entry in _sample(rng, "companies", english - lone_english)]
    made += [_english_person(rng, entry) for entry in _sample(rng, "people", lone_english)]
    names: set[str] = set()
    while len(made) < count - (_PERSONS - lone_english):
        made.append(_company(rng, names))
    while len(made) < count:
        made.append(_person_alone(rng, names))
    rng.shuffle(made)
    return made


def has_second_spelling(house: House) -> bool:
    """Whether its name has a form that people abbreviate."""
    return any(form in house.name for form in _FORMS)


def second_spelling(rng: Random, house: House, variant: int) -> House:
    """The same customer as somebody else wrote it down: abbreviated, in half width, of another mailbox."""
    form = next(form for form in _FORMS if form in house.name)
    name = house.name.replace(form, (*_FORMS[form], f"{form} ")[variant % 3])
    kana = _half_width(house.kana) if variant % 2 else house.kana
    known = house.people[0]
    local = known.address.partition("@")[0]
    again = Person(
        known.name, known.kana, known.called, f"{local}@mail.example", known.department, known.phone
    )
    return House(name, kana, house.language, house.type, None, house.industry, rng.choice(_SOURCES), [again])


def _company(rng: Random, names: set[str]) -> House:
    people = content.people()
    while True:
        stem, industry = rng.choice(people["company_stems"]), rng.choice(people["industry"])
        word = rng.choice(industry["words"])
        if stem["romaji"] + word["romaji"] not in names:
            break
    names.add(stem["romaji"] + word["romaji"])
    name = rng.choice(industry["forms"]).format(name=stem["ja"] + word["ja"])
    domain = f"{stem['romaji']}-{word['romaji']}.{rng.choice(('example', 'example.jp'))}"
    house = House(
        name=name,
        kana=stem["kana"] + word["kana"],
        language="ja",
        type=CustomerType.COMPANY,
        domain=domain,
        industry=industry["name_ja"],
        source=rng.choice(_SOURCES),
    )
    house.people = [
        _person(rng, domain, rng.choice(industry["departments"]))
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))
    ]
    return _without_namesakes(house)


def _person_alone(rng: Random, names: set[str]) -> House:
    while (person := _person(rng, "mail.example", "")).address in names:
        pass
    names.add(person.address)
    return House(
        person.name, person.kana, "ja", CustomerType.PERSON, None, "", rng.choice(_SOURCES), people=[person]
    )


def _person(rng: Random, domain: str, department: str) -> Person:
    people = content.people()
    family = rng.choice(people["family_names"])
    given = rng.choice(people[rng.choice(("given_names_male", "given_names_female"))])
    return Person(
        name=f"{family['ja']} {given['ja']}",
        kana=f"{family['kana']} {given['kana']}",
        called=family["ja"],
        address=f"{given['romaji']}.{family['romaji']}@{domain}".lower(),
        department=department,
        phone=f"050-0000-{rng.randrange(10_000):04}",
    )


def _english_company(rng: Random, entry: dict[str, Any]) -> House:
    english = content.people()["english"]
    industries = {industry["key"]: industry["name_ja"] for industry in content.people()["industry"]}
    house = House(
        name=entry["name"],
        kana="",
        language="en",
        type=CustomerType.COMPANY,
        domain=entry["domain"],
        industry=industries.get(entry["industry"], ""),
        source=rng.choice(_SOURCES),
    )
    for writer in rng.sample(english["people"], rng.choice((1, 1, 2, 3))):
        house.people.append(_english(writer, entry["domain"], rng.choice(english["departments"])))
    return house


def _english_person(rng: Random, entry: dict[str, Any]) -> House:
    person = _english(entry, "post.example", "")
    return House(person.name, "", "en", CustomerType.PERSON, None, "", rng.choice(_SOURCES), people=[person])


def _english(entry: dict[str, Any], domain: str, department: str) -> Person:
    given, family = entry["given"], entry["family"]
    local = f"{given}.{family}".lower().replace("'", "").replace(" ", "")
    return Person(f"{given} {family}", "", given, f"{local}@{domain}", department, "")


def _sample(rng: Random, of: str, count: int) -> list[dict[str, Any]]:
    return rng.sample(content.people()["english"][of], count)


def _without_namesakes(house: House) -> House:
    house.people = list({person.address: person for person in house.people}.values())
    return house


_HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンャュョッァィゥェォー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｬｭｮｯｧｨｩｪｫｰ",
        strict=True,
    )
)
_VOICED = dict(zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ", "ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ", strict=True))
_PLOSIVE = dict(zip("パピプペポ", "ﾊﾋﾌﾍﾎ", strict=True))


def _half_width(kana: str) -> str:
    """Katakana as old bank systems write it."""
    pieces = []
    for letter in kana:
        if letter in _VOICED:
            pieces.append(f"{_VOICED[letter]}ﾞ")
        elif letter in _PLOSIVE:
            pieces.append(f"{_PLOSIVE[letter]}ﾟ")
        else:
            pieces.append(_HALF.get(letter, letter))
    return "".join(pieces)
