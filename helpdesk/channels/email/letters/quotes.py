"""What someone wrote now, apart from what they quote and how they sign, in Japanese and English styles.

Every line of the text goes to exactly one of the three, so nothing is lost and a wrong guess is one
click away. Each line is looked at a fixed number of times.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from helpdesk.channels.email.letters.quote_marks import (
    FORWARDED,
    LONGEST_HEADING,
    ORIGINAL,
    WORDS_ABOVE,
    attribution_length,
    block_length,
    points_below,
)

# A signature is at most so many lines with words.
_LONGEST_SIGNATURE = 15

_QUOTED = re.compile(r"^\s{0,3}(?:[>＞]|[|│]\s[^|│]*$)")
_SHORT_RULE = re.compile(r"^\s*[-_]{3,}\s*$")
_RULE = re.compile(r"^\s*[-_=*~+#━─═＝－＿～〜＊◆◇■□★☆●○・…‥:;|/\\┏┗┓┛┌└┐┘]{6,}.{0,40}$")
_SIGNATURE_MARK = re.compile(r"^(?:--|—|――) ?$")
_SIGNED = re.compile(
    r"[^\s@]@[^\s@]|〒|https?://|www\.|会社|\((?:株|有)\)|㈱|\d{2,4}-\d{2,4}-\d{3,4}"
    r"|(?:TEL|FAX|電話|携帯|Phone|Mobile|E-?mail|メール)\s*[:：]",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^\s*(?:sent from (?:my|yahoo|mail for|outlook)\b.{0,60}|get outlook for\b.{0,80}"
    r"|[^。、\s].{0,30}から送信|.{0,20}(?:iP(?:hone|ad)|Android|Galaxy|Xperia|AQUOS|Pixel|Windows|Mac|Outlook|Gmail"
    r"|Yahoo!?|ドコモ|スマート ?フォン|スマホ|携帯|アプリ).{0,20}(?:から|で)送信(?:しました|されました)?。?"
    r"|outlook for .{1,20}を入手.{0,80})$",
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


def split_reply(text: str, *, is_forwarded: bool = False) -> Reply:
    """Tell new words from quoted ones and from the signature.

    A letter that would show nothing is shown whole, and so is what `is_forwarded`: its history is its matter.
    """
    if is_forwarded:
        return Reply(text.strip("\n"), "", "")
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
        if kinds[index] is not _Kind.SAID or len(line) > LONGEST_HEADING:
            index += 1
            continue
        if FORWARDED.match(line):
            break  # What is forwarded is what the letter is about.
        length = _heading(lines, index)
        if not length:
            index += 1
            continue
        if points_below(lines[max(0, index - WORDS_ABOVE) : index]):
            break
        if not _precedes_quote(kinds, index + length):
            length = len(lines) - index  # Nothing marks the words that follow: all of them are older.
        start = _with_rule(lines, index)
        kinds[start : index + length] = [_Kind.QUOTED] * (index + length - start)
        index += length
    return kinds


def _heading(lines: list[str], index: int) -> int:
    """How many lines from here announce older words; 0 where none do."""
    if ORIGINAL.match(lines[index]):
        following = index + 1 if index + 1 < len(lines) else index
        return 1 + (block_length(lines, following) if following > index else 0)
    return block_length(lines, index) or attribution_length(lines, index)


def _with_rule(lines: list[str], index: int) -> int:
    """Where a heading begins, with the rule above it."""
    above = next((at for at in range(index - 1, max(-1, index - 4), -1) if lines[at].strip()), index)
    is_rule = above < index and (_RULE.match(lines[above][:200]) or _SHORT_RULE.match(lines[above][:200]))
    return above if is_rule else index


def _kind(line: str) -> _Kind:
    if not line.strip():
        return _Kind.BLANK
    return _Kind.QUOTED if _QUOTED.match(line) else _Kind.SAID


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
        if len(lines[index]) <= 200 and (_RULE.match(lines[index]) or _SHORT_RULE.match(lines[index])):
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
