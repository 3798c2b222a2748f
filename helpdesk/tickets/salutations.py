"""Whom an answer greets, and whether they are of its ticket: 田中様, 東都精機株式会社 御中, Dear Carol."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from helpdesk.core.text import is_company
from helpdesk.core.words import fold
from helpdesk.tickets.findings import Finding
from helpdesk.tickets.mentions import own_words

# Lines in which a letter greets.
_HEAD = 4
_JA = re.compile(r"^(?P<who>[^、。,!?！？]{1,40}?)\s*(?P<title>様|さま|殿|御中)\s*(?:[、,:：]|$)")
_EN = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))(?: again)?[\s,]+"
    r"(?P<who>(?:(?:mr|mrs|ms|miss|dr|prof)\.?\s+)?[^,!.:;\n]{1,50}?)\s*(?:[,!.:;]|\s[-–—]|$)",
    re.IGNORECASE,
)
# Nearer than 様, and in English a bare name: greetings, though the guard has nothing to say of them.
_NEAR_JA = re.compile(r"^(?:[^、。,!?！？]{1,40}?(?:さん|先生)|[^、。,!?！？]{0,40}各位)\s*(?:[、,:：]|$)")
_BARE_EN = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+)?[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3}\s*(?:,|\s[-–—])$"
    r"|^(?i:dear|hi|hello|hey|greetings|good (?:day|morning|afternoon|evening))\b"
)
_NOBODY_JA = re.compile(
    "客|皆$|皆さ|みな$|みなさ|担当|各位|関係者|先方|責任者|管理者|ユーザ|利用者|会員|オーナー|[店部課係社]長|代表|理事"
    "|先生|^奥$|^お|^ご|^御|一同|取引|貴[社店殿]|の方|宛|購読|申込|応募|参加"
)
_NOBODY_EN = frozenset(
    "all team everyone everybody both sir madam sirs customer customers folks friend friends colleague"
    " colleagues support there valued user users client clients hiring manager partner partners guest".split()
)
_TITLE_EN = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)\.?$|^(?:and|&)$", re.IGNORECASE)
# Not every 部: 服部 and 長谷部 are people.
_DEPARTMENT = re.compile(
    r"(?:[務理業事買発報術画質援守計造送外売産育究集作材達査化設ァ-ヶー0-9０-９一二三四五][部課室係]"
    r"|部門|支店|本店|商店|営業所|事務所|研究所|事務局|協会|商会|会社|本社|支社|学校|学園|大学|病院|医院"
    r"|窓口|担当|センター|グループ|チーム)$"
)
_MARKS = re.compile(r"(?:株式|有限|合同|合資|合名|相互)会社|[㈱㈲]|[(（][株有同][)）]")
_JAPANESE = re.compile("[々ぁ-ヿ㐀-鿿]")
_KANA_ONLY = re.compile(r"^[ぁ-ヿ\s・]+$")
_SPACE = re.compile(r"[\s・＝=]+")


@dataclass(frozen=True)
class Known:
    """Who belongs to a ticket. heard: all that was written in it, where further names may stand."""

    people: Collection[str]
    companies: Collection[str] = ()
    heard: str = ""


def misaddressed(text: str, known: Known) -> list[Finding]:
    """A greeting of somebody who is not of this ticket, or with the wrong title; nothing where unsure."""
    lines = [line.strip() for line in own_words(text).splitlines() if line.strip()]
    for line in lines[:_HEAD]:
        if found := _JA.match(line):
            who = " ".join(found["who"].split())
            kind = _organisation(who, known) if found["title"] == "御中" else _person(who, known)
            if kind:
                return [Finding(kind, f"{who} {found['title']}")]
    if lines and (greeted := _EN.match(lines[0])) and _is_strange_en(greeted["who"], known):
        return [Finding("name", greeted["who"])]
    return []


def greets(text: str) -> bool:
    """Whether the first lines speak to somebody already, by whatever name, in either language."""
    lines = [line.strip() for line in own_words(text).splitlines() if line.strip()]
    if lines and _BARE_EN.match(lines[0]):
        return True
    return any(_JA.match(line) or _NEAR_JA.match(line) for line in lines[:_HEAD])


def _person(who: str, known: Known) -> str:
    """What is wrong with `who` 様, if anything."""
    if _is_of(_without_companies(who, known), _pieces(known.people)):
        return ""
    if is_company(who):
        return "company" if _is_company_alone(who, known) else ""
    if _NOBODY_JA.search(who) or _DEPARTMENT.search(who) or _is_said(who, known):
        return ""
    return "name" if _can_be_judged(who, known.people) else ""


def _organisation(who: str, known: Known) -> str:
    """What is wrong with `who` 御中: it is for houses and departments, not for people."""
    name = _bare(_SPACE.split(_without_companies(who, known).strip())[-1])
    whole = _bare(_without_companies(who, known))
    if not name or is_company(who.split(" ")[-1]) or _DEPARTMENT.search(who):
        return ""
    people = [each for each in known.people if not is_company(each) and not _DEPARTMENT.search(each)]
    return "honorific" if {name, whole} & _pieces(people) else ""


def _is_company_alone(who: str, known: Known) -> bool:
    """Whether no person's name follows the company's."""
    last = _SPACE.split(who)[-1]
    marked = _MARKS.search(last)
    ends_so = is_company(last) and not (marked and marked.start() == 0 and len(last) > len(marked.group()))
    return ends_so or _bare(who) in {_bare(company) for company in known.companies}


def _is_strange_en(who: str, known: Known) -> bool:
    words = [word for word in who.removesuffix("-san").split() if not _TITLE_EN.match(word)]
    if not words or not all(word[0].isupper() for word in words) or _JAPANESE.search(who):
        return False
    folded = [fold(word).removesuffix("-san") for word in words]
    if _NOBODY_EN & set(folded):
        return False
    parts = [fold(part) for name in (*known.people, *known.companies) for part in re.split(r"[^\w'’]+", name)]
    if any(_alike(word, part) for word in folded for part in parts if part):
        return False
    if any(re.search(rf"\b{re.escape(word)}\b", fold(known.heard)) for word in folded):
        return False
    # A name that is only an address's beginning ("info") is none to measure by.
    return any(not _JAPANESE.search(name) and name != name.lower() for name in known.people)


def _alike(one: str, other: str) -> bool:
    """Chris and Christopher are."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= 3 and long.startswith(short))


def _bare(name: str) -> str:
    return _SPACE.sub("", fold(name))


def _pieces(names: Iterable[str]) -> set[str]:
    """Each name whole and in its parts, folded."""
    found = {part for name in names for part in map(_bare, (name, *_SPACE.split(name)))}
    return found - {""}


def _is_of(who: str, pieces: set[str]) -> bool:
    """Whether it names one of them: a part of the name, or the name behind a department or a company."""
    bare, parts = _bare(who), {_bare(part) for part in _SPACE.split(who)}
    if bare in pieces or parts & pieces:
        return True
    if bare and any(piece.startswith(bare) or piece.endswith(bare) for piece in pieces):
        return True
    return any(len(piece) >= 2 and bare.endswith(piece) for piece in pieces)


def _without_companies(who: str, known: Known) -> str:
    for company in known.companies:
        for name in (company, _MARKS.sub("", company).strip()):
            if name and name != who:
                who = who.replace(name, " ")
    return _MARKS.sub(" ", who).strip() if _MARKS.search(who) and len(_SPACE.split(who)) == 1 else who


def _is_said(who: str, known: Known) -> bool:
    heard = _bare(known.heard)
    return any(_bare(part) in heard for part in _SPACE.split(who) if _bare(part))


def _can_be_judged(who: str, people: Collection[str]) -> bool:
    """Whether a name in the same script is known: 田中 does not show that たなか or Tanaka is wrong."""
    if _KANA_ONLY.match(who):
        return any(_KANA_ONLY.match(name) for name in people if name)
    if _JAPANESE.search(who):
        return any(_JAPANESE.search(name) and not _KANA_ONLY.match(name) for name in people)
    return any(name and not _JAPANESE.search(name) and name != name.lower() for name in people)
