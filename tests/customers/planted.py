"""Two hundred customers that stand in the book twice, and two hundred pairs that only look like it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from types import SimpleNamespace

from helpdesk.core.text import is_company
from helpdesk.customers.comparing import Profile

# Family names with their readings and the ways in which they are written.
FAMILIES = (
    ("渡辺", "ワタナベ", "渡邊 渡邉"),
    ("斉藤", "サイトウ", "斎藤 齋藤 齊藤"),
    ("高橋", "タカハシ", "髙橋 髙𣘺"),
    ("浜田", "ハマダ", "濱田 濵田"),
    ("小沢", "オザワ", "小澤"),
    ("桜井", "サクライ", "櫻井"),
    ("広瀬", "ヒロセ", "廣瀬 廣瀨"),
    ("山崎", "ヤマザキ", "山﨑 山嵜"),
    ("中島", "ナカジマ", "中嶋 中嶌"),
    ("滝沢", "タキザワ", "瀧澤 瀧沢"),
    ("吉田", "ヨシダ", "𠮷田"),
    ("国井", "クニイ", "國井"),
    ("真田", "サナダ", "眞田"),
    ("富岡", "トミオカ", "冨岡"),
    ("関根", "セキネ", "關根"),
)
GIVEN = (
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("健一", "ケンイチ"),
    ("直美", "ナオミ"),
    ("一郎", "イチロウ"),
    ("二郎", "ジロウ"),
    ("美咲", "ミサキ"),
    ("翔太", "ショウタ"),
    ("恵子", "ケイコ"),
    ("誠", "マコト"),
    ("陽子", "ヨウコ"),
    ("大輔", "ダイスケ"),
)
STEMS = (
    ("山田", "ヤマダ"),
    ("東都", "トウト"),
    ("青葉", "アオバ"),
    ("日之出", "ヒノデ"),
    ("北斗", "ホクト"),
    ("みらい", "ミライ"),
    ("サクラ", "サクラ"),
    ("緑川", "ミドリカワ"),
    ("大和", "ヤマト"),
    ("光洋", "コウヨウ"),
    ("三栄", "サンエイ"),
)
TRADES = (
    ("商事", "ショウジ"),
    ("精機", "セイキ"),
    ("物流", "ブツリュウ"),
    ("食品", "ショクヒン"),
    ("印刷", "インサツ"),
    ("システム", "システム"),
    ("コンピューター", "コンピューター"),
    ("工務店", "コウムテン"),
    ("薬局", "ヤッキョク"),
)
ENGLISH = (
    "Harbour Light Books",
    "Northgate Instruments",
    "Blue Heron Travel",
    "Oak & Sons",
    "Fairfield Dairy",
)
HALF = str.maketrans(
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン",
    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ",
)
FULL = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True)
class Entry:
    """One customer as somebody wrote it down."""

    name: str
    kana: str = ""
    domain: str | None = None
    external_id: str | None = None
    person: str = ""
    person_kana: str = ""
    phone: str = ""
    addresses: tuple[str, ...] = ()

    def profile(self, number: int) -> Profile:
        people = [SimpleNamespace(name=self.person or self.name, kana=self.person_kana, phone=self.phone)]
        row = SimpleNamespace(
            id=number, **{n: getattr(self, n) for n in ("name", "kana", "domain", "external_id")}
        )
        house = self.domain is not None or is_company(self.name)
        return Profile.of(row, people, self.addresses, is_company=house)


Pair = tuple[Entry, Entry]


class Town:
    """Who lives here; nobody is made twice but on purpose."""

    def __init__(self, seed: int) -> None:
        self.rng, self.count = Random(seed), 1000 * seed

    def phone(self) -> str:
        self.count += 1
        return f"03-{5200 + self.count // 10000:04}-{self.count % 10000:04}"

    def name(self) -> tuple[str, str, str]:
        """A person's name, its reading, and the family name as they write it otherwise."""
        (family, sound, others), (given, spoken) = self.rng.choice(FAMILIES), self.rng.choice(GIVEN)
        return f"{family} {given}", f"{sound} {spoken}", f"{self.rng.choice(others.split())} {given}"

    def person(self) -> Entry:
        name, kana, _ = self.name()
        phone = self.phone()
        return Entry(
            name, kana, person=name, person_kana=kana, phone=phone, addresses=(f"u{self.count}@gmail.com",)
        )

    def company(self) -> Entry:
        (stem, sound), (trade, spoken) = self.rng.choice(STEMS), self.rng.choice(TRADES)
        name, kana, _ = self.name()
        phone, domain = self.phone(), f"house-{self.count}.example.jp"
        return Entry(
            f"株式会社{stem}{trade}",
            sound + spoken,
            domain,
            f"C-{self.count:05}",
            name,
            kana,
            phone,
            (f"p{self.count}@{domain}",),
        )

    def english(self) -> Entry:
        phone, domain = self.phone(), f"house-{self.count}.example.com"
        name = f"{self.rng.choice(ENGLISH)} {self.count}, Inc."
        return Entry(name, "", domain, None, "Jane Smith", "", phone, (f"jane{self.count}@{domain}",))


def twice(seed: int = 7, count: int = 200) -> list[Pair]:
    """Pairs that are one; some of them beyond what can be known."""
    town = Town(seed)
    return [TWICE[number % len(TWICE)](town) for number in range(count)]


def lookalikes(seed: int = 8, count: int = 200) -> list[Pair]:
    town = Town(seed)
    return [TWO[number % len(TWO)](town) for number in range(count)]


def _short_form(town: Town) -> Pair:
    one = town.company()
    form = town.rng.choice(("㈱{}", "(株){}", "{}（株）", "カ）{}", "{} 株式会社", "{}"))
    return one, replace(one, name=form.format(one.name[4:]), addresses=(), domain=None, external_id=None)


def _half_width(town: Town) -> Pair:
    one = town.company()
    return one, replace(
        one, name=f"(株){one.kana.translate(HALF)}", kana="", person="", addresses=(), phone=one.phone
    )


def _other_kanji(town: Town) -> Pair:
    one = town.person()
    family, given = one.name.split()
    others = next(others for name, _, others in FAMILIES if name == family)
    again = f"{town.rng.choice(others.split())}{town.rng.choice(('', ' ', '　'))}{given}"
    return one, replace(
        one, name=again, person=again, kana="", person_kana="", addresses=(f"x{town.count}@yahoo.co.jp",)
    )


def _other_number(town: Town) -> Pair:
    one = town.person()
    digits = one.phone.replace("-", "")
    written = (
        f"+81 {one.phone[1:]}",
        one.phone.translate(FULL),
        digits,
        f"{one.phone} 内線 12",
        f"TEL {one.phone}",
    )
    return one, replace(one, phone=town.rng.choice(written), addresses=(), kana="")


def _tagged(town: Town) -> Pair:
    one = town.person()
    local = one.addresses[0].partition("@")[0]
    again = town.rng.choice((f"{local[0]}.{local[1:]}@gmail.com", f"{local}+shop@googlemail.com"))
    return one, replace(one, phone="", addresses=(again,), name=town.rng.choice((one.name, again)), person="")


def _reading(town: Town) -> Pair:
    one = town.person()
    return one, replace(one, name=one.kana, kana="", person=one.kana, person_kana="", addresses=())


def _colleague(town: Town) -> Pair:
    one = town.company()
    name, kana, _ = town.name()
    address = f"other@{town.rng.choice(('', 'mail.'))}{one.domain}"
    return one, Entry(
        one.name.replace("株式会社", "㈱"), "", None, None, name, kana, town.phone(), (address,)
    )


def _slip(town: Town) -> Pair:
    one = town.company()
    kana = one.kana.replace("ョ", "ヨ").replace("ッ", "ツ").replace("ー", "")
    return one, replace(one, name=f"{kana} 株式会社", kana="", addresses=(), external_id=None, domain=None)


def _number_of_theirs(town: Town) -> Pair:
    one = town.company()
    number = (one.external_id or "").replace("-", "").lower().translate(FULL)
    return one, Entry(one.name[4:], "", None, number, person="", addresses=(f"n{town.count}@gmail.com",))


def _in_english(town: Town) -> Pair:
    one = town.english()
    base = one.name.removesuffix(", Inc.")
    form = town.rng.choice(("{} Inc", "The {} Co., Ltd.", "{} LLC", "{}"))
    return one, replace(one, name=form.format(base).upper(), addresses=(), person="J. Smith", domain=None)


def _swapped(town: Town) -> Pair:
    one = replace(town.person(), name="Taro Yamada", kana="", person="Taro Yamada", person_kana="")
    return one, replace(one, name="YAMADA, Taro", person="YAMADA, Taro", addresses=())


def _department(town: Town) -> Pair:
    one = town.company()
    return one, replace(
        one, name=f"{one.name} 営業部", kana="", person="", phone="", addresses=(f"s@{one.domain}",)
    )


def _renamed(town: Town) -> Pair:
    """Beyond us: another name, and only the telephone stayed."""
    one = town.company()
    return one, Entry(f"{one.name[4:6]}ホールディングス", phone=one.phone)


def _moved(town: Town) -> Pair:
    """Beyond us: the same name, another telephone and another mailbox."""
    one = town.person()
    return (one, replace(town.person(), name=one.name)) if town.rng.random() < 0.5 else _short_form(town)


TWICE: tuple[Callable[[Town], Pair], ...] = (
    *(_short_form, _half_width, _other_kanji, _other_number, _tagged, _reading, _colleague, _slip),
    *(_number_of_theirs, _in_english, _swapped, _department, _short_form, _other_kanji, _half_width),
    *(_colleague, _other_number, _in_english, _renamed, _moved),
)


def _namesakes(town: Town) -> Pair:
    one = town.person()
    return one, replace(town.person(), name=one.name, kana=one.kana)


def _namesake_houses(town: Town) -> Pair:
    one = town.company()
    return one, replace(town.company(), name=one.name.replace("株式会社", "㈱"), kana=one.kana)


def _family(town: Town) -> Pair:
    one = town.person()
    family, sound = one.name.split()[0], one.kana.split()[0]
    given, spoken = town.rng.choice([pair for pair in GIVEN if pair[0] not in one.name])
    name, kana = f"{family} {given}", f"{sound} {spoken}"
    return one, replace(
        one, name=name, kana=kana, person=name, person_kana=kana, addresses=(f"f{town.count}@gmail.com",)
    )


def _father_and_son(town: Town) -> Pair:
    phone = town.phone()
    one = Entry("佐藤 健", "サトウ ケン", phone=phone, addresses=(f"a{town.count}@gmail.com",))
    return one, Entry("佐藤 健一", "サトウ ケンイチ", phone=phone, addresses=(f"b{town.count}@gmail.com",))


def _group(town: Town) -> Pair:
    """Sister firms: one domain, often one telephone."""
    one = town.company()
    stem = next(stem for stem in STEMS if one.name[4:].startswith(stem[0]))
    trade = town.rng.choice([trade for trade in TRADES if not one.name.endswith(trade[0])])
    phone = town.rng.choice((one.phone, town.phone()))
    name, kana = f"株式会社{stem[0]}{trade[0]}", stem[1] + trade[1]
    return one, replace(
        one, name=name, kana=kana, phone=phone, addresses=(f"g@{one.domain}",), external_id=None
    )


def _compass(town: Town) -> Pair:
    one, (side, other) = (
        town.company(),
        town.rng.choice((("東日本", "西日本"), ("第一", "第二"), ("北", "南"))),
    )
    base = one.name[4:]
    return replace(one, name=f"{base}{side}", kana=""), replace(
        one, name=f"{base}{other}", kana="", external_id=None
    )


def _one_building(town: Town) -> Pair:
    one = town.company()
    stem, trade = town.rng.choice([s for s in STEMS if s[0] not in one.name]), town.rng.choice(TRADES)
    return one, replace(
        town.company(), name=f"有限会社{stem[0]}{trade[0]}", kana=stem[1] + trade[1], phone=one.phone
    )


def _colleagues(town: Town) -> Pair:
    """Two persons of one house, each in the book alone."""
    one, domain = town.person(), f"shared-{town.count}.example.jp"
    name = town.rng.choice([f"{family[0]} {given[0]}" for family in FAMILIES for given in GIVEN])
    name = name if name != one.name else "中村 学"
    return replace(one, addresses=(f"a@{domain}",)), Entry(name, "", person=name, addresses=(f"b@{domain}",))


def _almost(town: Town) -> Pair:
    one, other = town.company(), town.company()
    return replace(one, name="山田商事", kana=""), replace(other, name="山口商事", kana="", phone=one.phone)


def _agent_of_two(town: Town) -> Pair:
    """One accountant writes for two firms."""
    one, other = town.company(), town.company()
    stems = [stem for stem in STEMS if stem[0] not in one.name]
    name = f"株式会社{town.rng.choice(stems)[0]}{town.rng.choice(TRADES)[0]}"
    return one, replace(other, name=name, kana="", person=one.person, phone=one.phone)


TWO: tuple[Callable[[Town], Pair], ...] = (
    *(_namesakes, _namesake_houses, _family, _father_and_son, _group, _compass, _one_building),
    *(_colleagues, _almost, _agent_of_two),
)


def book(pairs: list[Pair]) -> Iterator[Entry]:
    """All of them, one after the other."""
    return (entry for pair in pairs for entry in pair)
