"""Mailboxes in a header: names, addresses, groups and comments, read in one pass whatever is in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.channels.email.letters.headers import words
from helpdesk.channels.email.letters.letter import Address
from helpdesk.core.text import one_line

MOST_ADDRESSES = 1000

_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|\\.|[()<>,;:\\]|[^\"()<>,;:\\]+", re.DOTALL)
_FULL_WIDTH = str.maketrans("＜＞＠", "<>@")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BARE = re.compile(r"(?:\"[^\"\s]{1,64}\"|(?<![^\s<>()\",;:])[^\s<>()\",;:@]+)@[^\s<>()\",;:]+")


def addresses(value: str) -> tuple[Address, ...]:
    """Every mailbox of a header value, in order. What holds no address is kept as a name."""
    if "<" not in value:
        value = value.translate(_FULL_WIDTH)
    found: list[Address] = []
    for mailbox in _mailboxes(value):
        if mailbox.name and mailbox.address and found and not found[-1].address and _is_half(found[-1].name):
            found[-1] = Address(f"{found[-1].name}, {mailbox.name}", mailbox.address)
        elif mailbox.name or mailbox.address:
            found.append(mailbox)
        if len(found) == MOST_ADDRESSES:
            break
    return tuple(found)


def _is_half(name: str) -> bool:
    """Whether it may be a family name, cut off by a comma that should have been in quotes."""
    return len(name) <= 40 and "," not in name and " " not in name


def bare_addresses(value: str) -> tuple[str, ...]:
    """The addresses alone, lower-case."""
    return tuple(mailbox.address for mailbox in addresses(value) if mailbox.address)


@dataclass
class _Mailbox:
    """What was read of one mailbox so far."""

    phrase: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)

    def read(self) -> Address:
        phrase, inside = "".join(self.phrase).strip(), "".join(self.inside).strip()
        if not inside and "@" in phrase and (bare := _BARE.search(phrase)):
            inside, phrase = bare[0], phrase.replace(bare[0], " ").strip(' "')
        name = one_line(words(_plain(phrase) or "".join(self.comment)))
        address = _address(inside)
        return Address("" if name.lower() == address else name, address)


def _mailboxes(value: str) -> Iterator[Address]:
    mailbox, depth, is_angle = _Mailbox(), 0, False
    for sign in _TOKEN.findall(value):
        if sign == "(" and not is_angle:
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif depth:
            mailbox.comment.append(sign)
        elif sign == "<":
            # A second pair of brackets is no address of this mailbox: the first one counts.
            is_angle = not mailbox.inside
        elif sign == ">":
            is_angle = False
        elif is_angle:
            mailbox.inside.append(sign)
        elif sign == ":":
            mailbox = _Mailbox()  # What stood before it was the name of a group.
        elif sign in ",;":
            yield mailbox.read()
            mailbox = _Mailbox()
        else:
            mailbox.phrase.append(sign)
    yield mailbox.read()


def _plain(phrase: str) -> str:
    """Without its quotes and escapes."""
    return _ESCAPED.sub(r"\1", phrase.replace('\\"', "\0").replace('"', "").replace("\0", '"'))


def _address(text: str) -> str:
    """Lower-case, without quotes that mobile operators' dots did not need; empty where it is no address."""
    text = "".join(one_line(text).split()).removeprefix("mailto:")
    local, at, domain = text.rpartition("@")
    local = local.rsplit(":", 1)[-1].strip('"')
    if not at or not local or not domain or "@" in local:
        return ""
    return f"{local}@{domain.strip('.>')}".lower()
