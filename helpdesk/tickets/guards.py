"""What an answer is looked through for before it leaves: small slips that are hard to take back.

Pure: text and names in, findings out. A false alarm costs trust each time, so what is not clear is not said.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from helpdesk.core.public_domains import PUBLIC_DOMAINS
from helpdesk.tickets.findings import Finding
from helpdesk.tickets.mentions import own_words, promised_file

_ZEROS = "一二三四五六七八九十百千〇0-9０-９"
_PLACEHOLDER = re.compile(
    rf"(?<![{_ZEROS}○◯])[○〇◯]{{2,4}}(?![{_ZEROS}○◯])|(?<!●)●{{2,4}}(?!●)|(?<!△)△{{2,4}}(?!△)"
    r"|\{\{[^{}\n]{1,40}\}\}|(?<![\w@./-])X{3,}(?![\w@/-]|\.\w)|(?<!\w)TODO(?!\w)"
    r"|\[(?:your |customer )?name\]|[\[【](?:お名前|氏名|会社名|要確認|要記入)[\]】]"
)
_EXAMPLE = re.compile(
    r"例[えば:：)）]|のように|のような|という|形式|書式|e\.g\.|for example|such as", re.IGNORECASE
)


def missing_file(text: str, has_files: bool) -> list[Finding]:
    """A file is promised and none is there."""
    promise = "" if has_files else promised_file(text)
    return [Finding("attachment", promise)] if promise else []


def outsiders(added: Iterable[str], domains: Collection[str]) -> list[Finding]:
    """Addresses put in copy just now that are neither of the customer's house nor of ours (`domains`)."""
    close = {domain.lower() for domain in domains} - PUBLIC_DOMAINS
    return [Finding("outsider", each) for each in added if each.rpartition("@")[2].lower() not in close]


def silent(addresses: Iterable[str]) -> list[Finding]:
    """Addresses that nothing is sent to: whoever sends all the same has them tried once more."""
    return [Finding("silent", each) for each in addresses]


def placeholders(text: str) -> list[Finding]:
    """What a template left to be filled in; not where the answer explains by an example."""
    found: dict[str, Finding] = {}
    for line in own_words(text).splitlines():
        if not _EXAMPLE.search(line):
            for match in _PLACEHOLDER.finditer(unicodedata.normalize("NFC", line)):
                found.setdefault(match.group(), Finding("placeholder", match.group()))
    return list(found.values())[:1]
