"""The counted words of an article as bytes, small enough to be kept by the thousand in a database."""

import struct
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from knowledge_base.index.counting import FIELDS
from knowledge_base.index.postings import Damaged

# Of each field: how many words it has, and how many different ones.
_HEAD = struct.Struct(f"<{2 * len(FIELDS)}I")
_COUNT_BYTES = 4


class Packed(NamedTuple):
    """lengths, sizes: words and different words of each of `FIELDS`. terms and counts: of all fields."""

    lengths: Sequence[int]
    sizes: Sequence[int]
    terms: list[str]
    # Little-endian, 32 bits each.
    counts: bytes


def pack(terms: Mapping[str, Sequence[str]]) -> bytes:
    """The terms of `counting.terms` with how often each is there; never empty."""
    counted = [Counter(terms[name]) for name in FIELDS]
    numbers = [count for field in counted for count in field.values()]
    head = [number for field in counted for number in (field.total(), len(field))]
    text = " ".join(term for field in counted for term in field)
    packed = _HEAD.pack(*head) + struct.pack(f"<{len(numbers)}I", *numbers) + text.encode()
    return zlib.compress(packed)


def unpack(words: bytes) -> Packed:
    """What `pack` made. Raises `Damaged` for anything else."""
    try:
        raw = zlib.decompress(words)
        head = _HEAD.unpack_from(raw)
        sizes = head[1::2]
        end = _HEAD.size + _COUNT_BYTES * sum(sizes)
        text = raw[end:].decode()
        terms = text.split(" ") if text else []
    except (zlib.error, struct.error, UnicodeDecodeError) as error:
        raise Damaged(repr(error)) from error
    if len(terms) != sum(sizes):
        raise Damaged("an article has other words than it says")
    return Packed(head[::2], sizes, terms, raw[_HEAD.size : end])
