"""Lines that say whose words follow: headings of quotations, blocks of headers, marks of forwarding."""

import re
from collections.abc import Sequence

# Longer lines are prose, never a heading of a quotation.
LONGEST_HEADING = 400
# Lines above a history that may say where the answers are.
WORDS_ABOVE = 40
# Header lines that may stand under the first one.
_LONGEST_BLOCK = 12

ORIGINAL = re.compile(
    r"^\s*[-_=*＿－ー━─]{2,}\s*"
    r"(?:original (?:message|appointment)|reply message|以下、?[元原]の?(?:メール|メッセージ|文).{0,10}"
    r"|(?:元の|返信元|オリジナル)(?:メッセージ|メール))"
    r"\s*[-_=*＿－ー━─]*\s*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"^\s*(?:[-_=]{2,}\s*(?:forwarded (?:message|by)\b.*|転送(?:された)?(?:メッセージ|メール))\s*[-_=]*"
    r"|begin forwarded message\s?[:：]|転送されたメッセージ\s?[:：]|forwarded by .{1,200})\s*$",
    re.IGNORECASE,
)
_FROM = "差出人|送信者|送信元|発信者|From|Von|De|Da|发件人|寄件者|보낸 ?사람|Van|Från"
_OTHERS = (
    "送信日時|日時|日付|送信済み|宛先|送信先|件名|題名|重要度|Cc|Bcc|Sent|Date|To|Subject|Reply-To|Importance"
    "|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Para|Asunto|Assunto|Inviato|A|Oggetto"
    "|发送时间|收件人|抄送|主题|寄件日期|收件者|副本|主旨|보낸 ?날짜|날짜|받는 ?사람|참조|제목"
    "|Verzonden|Aan|Onderwerp"
)
_FIRST = re.compile(rf"^[\W_]{{0,3}}(?:{_FROM})[\W_]{{0,3}}\s*[:：]", re.IGNORECASE)
_NEXT = re.compile(rf"^[\W_]{{0,3}}(?:{_OTHERS})[\W_]{{0,3}}\s*[:：]", re.IGNORECASE)
_ATTRIBUTIONS = (
    # On Fri, Sep 18, 2026 at 10:30 AM Hanako <h@example.jp> wrote:
    re.compile(r"^\s*(?:On\s.{4,300}|.{1,200}@.{1,200})\b(?:wrote|writes)\s?[:：]$", re.IGNORECASE),
    # 2026年9月18日(金) 10:30 田中 花子 <h@example.jp>:   and   2026/09/18 10:30、田中花子のメール:
    re.compile(
        r"^\s*(?:On\s)?\d{4}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}\D.{0,300}"
        r"(?:@.{1,200}[:：]|\bwrote[:：]|のメール[:：]?|書きました[:：。]?)$"
    ),
    # In any language: a time, an address, a colon.
    re.compile(r"^.{0,200}\d{1,2}[:.]\d{2}.{0,200}[<(][^<>()\s]+@[^<>()\s]+[>)].{0,40}[:：]$"),
    re.compile(r"^\s*Am \d.{4,200} schrieb .{1,200}:$"),
    # 田中さんは書きました:
    re.compile(r"^.{1,300}(?:は|が|さん)(?:次のように)?(?:書きました|書かれました)[:：。]$"),
    re.compile(r"^\s*In (?:message|article) <[^<>\s]+>.{0,200}[:：]$", re.IGNORECASE),
    re.compile(r"^\s*-{2,}\s*On\s.{4,300}\bwrote\s*-{2,}$", re.IGNORECASE),
)
_ATTRIBUTION_ENDS = (":", "：", "。", "メール", "書きました", "--")
_ATTRIBUTION_START = re.compile(
    r"^\s*(?:On\s|\d{4}\s?[年/-]\s?\d{1,2}\s?[月/-]\s?\d|\d{4}년|令和|Am\s\d|Le\s|El\s|在\s"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},\s)"
)
# Words above a history that send the reader into it: the answers stand between its lines.
_ANSWERS_BELOW = re.compile(
    r"赤字|青字|朱書き|インライン|(?:下記|以下|文中|↓).{0,12}(?:回答|返信|返答|お答え|記入|追記|コメント|ご?返事)"
    r"|\bin-?line\b|\bin (?:red|blue|green)\b"
    r"|\b(?:answer(?:s|ed)?|comment(?:s|ed)?|repl(?:y|ies|ied)|response(?:s)?|see) (?:\w+ ){0,3}below\b",
    re.IGNORECASE,
)


def block_length(lines: Sequence[str], index: int) -> int:
    """How many lines from here are From, Sent, To, Subject under each other, as Outlook quotes; else 0."""
    if not _FIRST.match(lines[index][:LONGEST_HEADING]):
        return 0
    last, found = index, 0
    for at in range(index + 1, min(index + _LONGEST_BLOCK, len(lines))):
        if _NEXT.match(lines[at][:LONGEST_HEADING]):
            last, found = at, found + 1
        elif not lines[at].strip() and at > last + 1:
            break
    return last - index + 1 if found >= 2 else 0


def attribution_length(lines: Sequence[str], index: int) -> int:
    """How many lines from here say "On … wrote:"; 0 where none do."""
    line = lines[index].rstrip()
    if _is_attribution(line):
        return 1
    if _ATTRIBUTION_START.match(line):
        for length in (2, 3):
            joined = " ".join(each.strip() for each in lines[index : index + length])
            if len(joined) <= LONGEST_HEADING and _is_attribution(joined):
                return min(length, len(lines) - index)
    return 0


def _is_attribution(line: str) -> bool:
    return line.endswith(_ATTRIBUTION_ENDS) and any(pattern.match(line) for pattern in _ATTRIBUTIONS)


def points_below(lines: Sequence[str]) -> bool:
    """Whether these words say that the answers are in the history below them."""
    return any(_ANSWERS_BELOW.search(line[:LONGEST_HEADING]) for line in lines)
