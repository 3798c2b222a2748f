"""A reply freed of whom it was written to, so that everybody may read it: pure, and rather too careful.

Names are found however they are written: in either width and either kana, with or without the blank between
family and given name, with or without 様. What is taken out is kept, so that an editor can look it over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from helpdesk.core.words import fold

_SPACES = r"[\s・･=]*"
_HONORIFIC = r"(?:様|さま|さん|殿|御中|氏)"
_KANJI = "\u3005\u3400-\u9fff"
_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|[（(][株有同][)）]|[㈱㈲]"
    r"|,?\s*\b(?:inc|ltd|llc|llp|corp|corporation|co|gmbh|k\.k|plc)\b\.?",
    re.IGNORECASE,
)
# The same in folded text.
_FORM = r"(?:(?:株式|有限|合同|合資|合名)会社|\([株有同]\))"
_DOTS = "…"
_LONGEST_SIGNATURE = 40
# In folded text: hiragana for both kanas, half width, small letters.
_FOUND = re.compile(
    # Addresses of the web that let somebody in: with a question, a name, or a long piece that is no word.
    r"(?P<link>https?://[^\s<>()「」。、?@]{0,200}?(?:\?|@|[/=](?=[\w-]{0,80}\d)[\w-]{16})[^\s<>()「」。、]{0,2000})"
    r"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){0,6})"
    r"|(?P<postal>〒?\s*\d{3}-\d{4}(?!\d|-))"
    rf"|(?P<place>(?:東京都|北海道|京都府|大阪府|[{_KANJI}]{{2,3}}県)[^\s、。,]{{2,40}}?\d+[\d丁目番地号の-]*)"
    r"|(?P<street>\b\d{1,5} (?:[a-z]+ ){1,3}(?:street|st|avenue|ave|road|rd|lane|drive|boulevard)\b\.?)"
    r"|(?P<code>(?:#|№|(?<![a-z])no\.) ?[a-z0-9-]{0,20}\d[a-z0-9-]*"
    r"|(?<![a-z0-9])(?=[a-z]{1,12}[-_](?:[a-z_-]{0,12}\d){3})[a-z0-9_-]{1,80})"
    r"|(?P<number>(?<![\d.,])\+?\(?\d(?:[ ()-]{0,2}\d){5,}(?![\d.,]*\d))"
    rf"|(?P<titled>(?<![{_KANJI}])(?!お客|皆|みな|ご担当|おつかれ)[{_KANJI}]{{1,8}}?\s?(?:様|殿)"
    r"(?![子式々])(?<![仕同多模異客皆神有]様)(?<!宮殿))"
)
_QUOTED = re.compile(
    r"^\s*[>＞|]|^\s*-{3,}\s*(?:original message|forwarded|元のメッセージ)|^on .{6,120} wrote:\s*$"
    r"|^\s*\d{4}[年/-]\d{1,2}[月/-]\d{1,2}.{0,80}[:：]\s*$",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\s*(?:(?:いつも|平素|大変|毎度)?.{0,24}お世話に?(?:なって|なり)|いつも.{0,40}ありがとう|平素"
    r"|(?:この度|このたび)?.{0,24}(?:お問い?合わ?せ|ご連絡|ご返信|ご質問).{0,20}ありがとう|お待たせ"
    r"|.{0,40}(?:サポート|窓口|担当|デスク|センター|[部課])の?[^、。]{1,12}(?:です|と申します|でございます)[。.]?\s*$"
    r"|(?:hi|hello|dear|good (?:morning|afternoon|evening)|greetings)\b"
    r"|thank(?:s| you) for (?:contacting|your|reach|get|writ|the)"
    r"|(?:my name is|this is|i am|i'm) [^.]{2,40}(?:from|at|with|of) |i hope this)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(?:-- ?$|[—―‐=*_-]{3,}|(?:今後とも|引き?続き|何卒|どうぞ|以上|取り急ぎ"
    r"|ご不明|ご不便|また何か|他に(?:も)?(?:ご|何か)|それでは|お手数).{0,60}|.{0,40}(?:宜しく|よろしく)(?:お願い|御願い)?.{0,24}"
    r"|(?:best|kind|warm|many)? ?(?:regards|wishes)\b|sincerely|yours|cheers|thanks?(?: again)?[,.!]?\s*$"
    r"|(?:please )?(?:let (?:us|me) know|feel free|do not hesitate|don't hesitate|if you have any)"
    r"|(?:tel|fax|e-?mail|電話|メール)\s*[:：])",
    re.IGNORECASE,
)
# A sentence in which a name was all there was, and who says of themselves who they are.
_WHO = re.compile(
    rf"^(?:お客様|担当者|the customer|our team|{_DOTS}|this is|my name is|i am|i'm|from|at|and|with|of"
    rf"|{_HONORIFIC}|の|と|申します|です|でございます|[\W_])+$|.と申します[。.]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Known:
    """What a ticket tells of the people in it. people: names and kana; others: numbers, addresses, codes."""

    people: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A stretch of the original, and what stands for it now; None where it stayed as it was."""

    text: str
    instead: str | None = None


@dataclass(frozen=True)
class Cleaned:
    """The neutral text, and the original in pieces, in order."""

    text: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def taken(self) -> list[str]:
        """What was taken out or replaced, each once."""
        gone = (piece.text.strip() for piece in self.pieces if piece.instead is not None)
        return list(dict.fromkeys(filter(None, gone)))


def cleaned(text: str, known: Known, lang: str) -> Cleaned:
    """The text without greeting, closing and quotation, with neutral words for people and their numbers."""
    lines = text.splitlines(keepends=True)
    kept = _kept(lines, known)
    pieces: list[Piece] = []
    for line, is_kept in zip(lines, kept, strict=True):
        pieces += _pieces(line, known, lang) if is_kept else [Piece(line, "")]
    told = "".join(piece.text if piece.instead is None else piece.instead for piece in pieces)
    return Cleaned(re.sub(r"\n{3,}", "\n\n", told).strip(), pieces)


def one_question(text: str, known: Known, lang: str) -> str:
    """What somebody asked, in one neutral line: their first question, else what they say beside names."""
    told = cleaned(text, known, lang).text
    sentences = [
        part.strip() for part in re.split(r"(?<=[。？?!！])\s*|(?<=\.)\s+|\n+", told) if part.strip()
    ]
    sentences = [part for part in sentences if not _WHO.search(part)]
    asked = (part for part in sentences if re.search(r"[？?]\s*$|(?:か|ません|たい(?:です)?)[。]?$", part))
    said = (part for part in sentences if not (_GREETING.search(part) or _CLOSING.search(part)))
    return next(asked, next(said, ""))[:200]


def _kept(lines: list[str], known: Known) -> list[bool]:
    """Which lines say something: not the greeting above, not the closing below, nothing quoted."""
    kept = [not _QUOTED.search(line) for line in lines]
    said = [place for place, line in enumerate(lines) if kept[place] and line.strip()]
    for place in said:
        if not (_GREETING.search(lines[place]) or _is_name(lines[place], known)):
            break
        kept[place] = False
    for place in reversed(said):
        is_closing = _CLOSING.search(lines[place]) or _is_name(lines[place], known)
        if not kept[place] or not (is_closing or _is_signature(lines[place], known)):
            break
        kept[place] = False
    return kept


def _is_name(line: str, known: Known) -> bool:
    """Whether a line holds nothing but names, numbers and addresses."""
    rest = "".join(piece.text for piece in _pieces(line, known, "en") if piece.instead is None)
    has_found = len(rest) < len(line)
    bare = _COMPANY.sub("", rest.lower())
    return has_found and not re.sub(rf"{_HONORIFIC}|dear|tel|fax|e-?mail|[\W_]", "", bare)


def _is_signature(line: str, known: Known) -> bool:
    """Whether a short line that is no sentence names one of ours."""
    pattern = _names_pattern(known.staff)
    is_short = len(line.strip()) <= _LONGEST_SIGNATURE and not re.search(r"[。.!?！？]\s*$", line)
    return is_short and pattern is not None and pattern.search(_folded(line)[0]) is not None


def _pieces(line: str, known: Known, lang: str) -> Iterator[Piece]:
    folded, origins = _folded(line)
    person, staff = ("お客様", "担当者") if lang == "ja" else ("the customer", "our team")
    begun = 0
    for start, end, instead in sorted(_finds(folded, known, person, staff), key=lambda f: (f[0], -f[1])):
        first, last = origins[start], origins[end]
        if first < begun:
            if last > begun:
                yield Piece(line[begun:last], "")
                begun = last
            continue
        if first > begun:
            yield Piece(line[begun:first])
        yield Piece(line[first:last], instead)
        begun = last
    if begun < len(line):
        yield Piece(line[begun:])


def _finds(folded: str, known: Known, person: str, staff: str) -> Iterator[tuple[int, int, str]]:
    for names, instead in ((known.people, person), (known.companies, person), (known.staff, staff)):
        pattern = _names_pattern(names, _FORM if names is known.companies else "")
        yield from ((*m.span(), instead) for m in (pattern.finditer(folded) if pattern else ()))
    others = [_SPACES.join(map(re.escape, fold(each))) for each in known.others if len(each) > 2]
    if others:
        yield from ((*m.span(), _DOTS) for m in re.finditer("|".join(others), folded))
    for found in _FOUND.finditer(folded):
        yield (*found.span(), person if found.lastgroup == "titled" else _DOTS)


def _names_pattern(names: Iterable[str], around: str = "") -> re.Pattern[str] | None:
    """What finds any of the names; around: what belongs to a name where it stands before or behind it."""
    forms = sorted({form for name in names for form in _forms(name)}, key=len, reverse=True)
    spelt = "|".join(map(_form_pattern, forms))
    behind = rf"(?:{around}{_HONORIFIC}?)?" if around else ""
    return re.compile(f"(?:{around})?(?:{spelt}){behind}") if forms else None


def _forms(name: str) -> Iterator[str]:
    """A name and its parts, folded; of an unspaced kanji name also what may be family and given name."""
    bare = fold(_COMPANY.sub("", name)).strip()
    whole = re.sub(r"[\s・･=]+", "", bare)
    yield whole
    parts = [part for part in re.split(r"[\s・･=,]+", bare) if part]
    yield from (part for part in parts if len(parts) > 1)
    if len(parts) == 2:
        yield "".join(reversed(parts))
    if len(parts) == 1 and 3 <= len(whole) <= 6 and re.fullmatch(f"[{_KANJI}]+", whole):
        yield from (piece for cut in range(1, len(whole)) for piece in (whole[:cut], whole[cut:]))


def _form_pattern(form: str) -> str:
    spelt = _SPACES.join(map(re.escape, form))
    if form.isascii():
        return rf"(?:\b(?:mr|mrs|ms|mx|dr)\.? )?(?<![a-z0-9]){spelt}(?![a-z0-9])"
    if len(form) == 1:
        # A single letter is in many words: a name where it is called one, or stands by itself.
        alone = rf"(?<![{_KANJI}ぁ-ゖ]){spelt}(?![{_KANJI}])"
        return rf"{spelt}\s?{_HONORIFIC}|{alone}"
    return rf"{spelt}(?:\s?{_HONORIFIC})?"


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and of each of its letters the place in the text; the end included."""
    pieces: list[str] = []
    origins: list[int] = []
    for cluster in re.finditer(".[\u3099\u309a\uff9e\uff9f]?", text, re.DOTALL):
        piece = fold(cluster.group())
        pieces.append(piece)
        origins += [cluster.start()] * len(piece)
    return "".join(pieces), [*origins, len(text)]
