"""What someone wrote now, apart from what they quote and how they sign, in Japanese and English styles.

Every line of the text goes to exactly one of the three, so nothing is lost and a wrong guess is one
click away. Each line is looked at a fixed number of times.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

# Longer lines are prose, never a heading of a quotation.
_LONGEST_HEADING = 400
# A signature is at most so many lines with words.
_LONGEST_SIGNATURE = 15

_ORIGINAL = re.compile(
    r"^\s*[-_=*＿－ー━─]{2,}\s*"
    r"(?:original (?:message|appointment)|reply message|(?:元の|返信元|オリジナル)(?:メッセージ|メール))"
    r"\s*[-_=*＿－ー━─]*\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^\s*(?:[-_=]{2,}\s*(?:forwarded (?:message|by)\b.*|転送(?:された)?(?:メッセージ|メール))\s*[-_=]*"
    r"|begin forwarded message:|転送されたメッセージ[:：])\s*$",
    re.IGNORECASE,
)
_BLOCK_FIRST = re.compile(r"^\W{0,3}(?:差出人|送信者|送信元|From)\W{0,3}\s*[:：]", re.IGNORECASE)
_BLOCK_NEXT = re.compile(
    r"^\W{0,3}(?:送信日時|日時|日付|送信済み|宛先|件名|重要度|Cc|Sent|Date|To|Subject|Reply-To)\W{0,3}\s*[:：]",
    re.IGNORECASE,
)
_ATTRIBUTIONS = (
    # On Fri, Sep 18, 2026 at 10:30 AM Hanako <h@example.jp> wrote:
    re.compile(r"^\s*(?:On\s.{4,300}|.{1,200}@.{1,200})\b(?:wrote|writes)\s?[:：]$", re.IGNORECASE),
    # 2026年9月18日(金) 10:30 田中 花子 <h@example.jp>:   and   2026/09/18 10:30、田中花子のメール:
    re.compile(
        r"^\s*(?:On\s)?\d{4}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}\D.{0,300}"
        r"(?:@.{1,200}[:：]|\bwrote[:：]|のメール[:：]?|書きました[:：。]?)$"
    ),
    # 田中さんは書きました:
    re.compile(r"^.{1,100}(?:は|が|さん)(?:次のように)?(?:書きました|書かれました)[:：。]$"),
    re.compile(r"^\s*In (?:message|article) <[^<>\s]+>.{0,200}[:：]$", re.IGNORECASE),
)
_ATTRIBUTION_ENDS = (":", "：", "。", "メール", "書きました")
_ATTRIBUTION_START = re.compile(r"^\s*(?:On\s|\d{4}\s?[年/]\s?\d{1,2}\s?[月/]\s?\d)")
_QUOTED = re.compile(r"^\s{0,3}[>＞]")
_RULE = re.compile(r"^\s*[-_=*~+#━─═＝－＿～〜＊◆◇■□★☆●○・…‥:;|/\\┏┗┓┛┌└┐┘]{6,}.{0,40}$")
_SIGNATURE_MARK = re.compile(r"^(?:--|—|――) ?$")
_SIGNED = re.compile(
    r"[^\s@]@[^\s@]|〒|https?://|www\.|会社|\((?:株|有)\)|㈱|\d{2,4}-\d{2,4}-\d{3,4}"
    r"|(?:TEL|FAX|電話|携帯|Phone|Mobile|E-?mail|メール)\s*[:：]",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^\s*(?:sent from (?:my|yahoo|mail for|outlook)\b.{0,60}|get outlook for\b.{0,80}"
    r"|.{0,30}(?:から|で)送信(?:しました)?。?|outlook for .{1,20}を入手.{0,80})$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reply:
    """The three kinds of lines of a letter, each in the order of the text; all but `visible` may be empty."""

    visible: str
    quoted: str
    signature: str


class _Kind(Enum):
    BLANK = auto()
    SAID = auto()
    QUOTED = auto()
    SIGNED = auto()


def split_reply(text: str) -> Reply:
    """Tell new words from quoted ones and from the signature.

    A letter that would show nothing, such as one that only forwards another, is shown whole.
    """
    lines = text.split("\n")
    kinds = _kinds(lines)
    _fold_signature(lines, kinds)
    _keep_answered(kinds)
    if _Kind.SAID not in kinds:
        return Reply(text.strip("\n"), "", "")
    kept: dict[_Kind, list[str]] = {kind: [] for kind in _Kind}
    current = _Kind.SAID
    for line, kind in zip(lines, kinds, strict=True):
        current = current if kind is _Kind.BLANK else kind
        kept[current].append(line)
    visible, quoted, signature = (
        "\n".join(kept[kind]).strip("\n") for kind in (_Kind.SAID, _Kind.QUOTED, _Kind.SIGNED)
    )
    return Reply(visible, quoted, signature)


def _kinds(lines: list[str]) -> list[_Kind]:
    """What each line is, before answers within a quotation and the signature are considered."""
    kinds = [_kind(line) for line in lines]
    index = 0
    while index < len(lines):
        line = lines[index]
        if kinds[index] is not _Kind.SAID or len(line) > _LONGEST_HEADING:
            index += 1
            continue
        if _FORWARDED.match(line):
            break  # What is forwarded is what the letter is about.
        length = _attribution(lines, index)
        if (
            _ORIGINAL.match(line)
            or _is_block(lines, index)
            or (length and not _precedes_quote(kinds, index + length))
        ):
            start = index - 1 if index and _RULE.match(lines[index - 1]) else index
            kinds[start:] = [_Kind.QUOTED] * (len(lines) - start)
            break
        kinds[index : index + length] = [_Kind.QUOTED] * length
        index += length or 1
    return kinds


def _kind(line: str) -> _Kind:
    if not line.strip():
        return _Kind.BLANK
    return _Kind.QUOTED if _QUOTED.match(line) else _Kind.SAID


def _is_block(lines: list[str], index: int) -> bool:
    """From, Sent, To, Subject under each other: how Outlook quotes."""
    if not _BLOCK_FIRST.match(lines[index]):
        return False
    return sum(bool(_BLOCK_NEXT.match(line)) for line in lines[index + 1 : index + 7]) >= 2


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here say "On … wrote:"; 0 where none do."""
    line = lines[index].rstrip()
    if _is_attribution(line):
        return 1
    if _ATTRIBUTION_START.match(line):
        for length in (2, 3):
            joined = " ".join(each.strip() for each in lines[index : index + length])
            if len(joined) <= _LONGEST_HEADING and _is_attribution(joined):
                return min(length, len(lines) - index)
    return 0


def _is_attribution(line: str) -> bool:
    return line.endswith(_ATTRIBUTION_ENDS) and any(pattern.match(line) for pattern in _ATTRIBUTIONS)


def _precedes_quote(kinds: list[_Kind], index: int) -> bool:
    """Whether lines marked with ">" follow, at most two blank lines on."""
    following = next((kind for kind in kinds[index : index + 3] if kind is not _Kind.BLANK), None)
    return following is _Kind.QUOTED


def _fold_signature(lines: list[str], kinds: list[_Kind]) -> None:
    """Mark the signature: the end of what was said last."""
    said = [index for index, kind in enumerate(kinds) if kind is _Kind.SAID]
    tail = _last_run(said, kinds)
    start = _signature_start(lines, tail)
    if start is not None and start > said[0]:
        for index in range(start, tail[-1] + 1):
            kinds[index] = _Kind.SIGNED


def _last_run(said: list[int], kinds: list[_Kind]) -> list[int]:
    """The last lines said, back to the nearest quotation, at most as many as a signature has."""
    tail: list[int] = []
    for index in reversed(said[-_LONGEST_SIGNATURE - 1 :]):
        if tail and _Kind.QUOTED in kinds[index : tail[0]][-50:]:
            break
        tail.insert(0, index)
    return tail


def _signature_start(lines: list[str], tail: list[int]) -> int | None:
    for index in reversed(tail):
        if _SIGNATURE_MARK.match(lines[index]):
            return index
    for place, index in enumerate(tail):
        if len(lines[index]) <= 200 and _RULE.match(lines[index]):
            signs = sum(bool(_SIGNED.search(lines[after][:500])) for after in tail[place + 1 :])
            if signs >= 2:
                return index
    if tail and len(lines[tail[-1]]) <= 100 and _DEVICE.match(lines[tail[-1]]):
        return tail[-1]
    return None


def _keep_answered(kinds: list[_Kind]) -> None:
    """Quoted lines between two answers stay with them: without them the second answer makes no sense."""
    said = [index for index, kind in enumerate(kinds) if kind is _Kind.SAID]
    for index in range(said[0], said[-1]) if said else ():
        if kinds[index] is _Kind.QUOTED:
            kinds[index] = _Kind.SAID
