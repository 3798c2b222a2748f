"""What our own border found out about a letter's sender (RFC 8601). Pure."""

import enum
import re
from collections.abc import Sequence

from helpdesk.channels.email.letter import ParsedLetter

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)(.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(
    r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE
)


class Verdict(enum.Enum):
    """Whether the letter is from the domain that its From names."""

    PASS = "pass"  # noqa: S105 - a word of RFC 8601
    FAIL = "fail"
    UNKNOWN = "unknown"


def verdict(letter: ParsedLetter, authserv_id: str) -> Verdict:
    """What the topmost results of our own border say of the sender; unknown where none is named or found.

    authserv_id: the name under which our border writes; empty believes nobody.
    """
    results = _results(letter.authentication_results, authserv_id)
    domain = letter.sender.address.rpartition("@")[2]
    if not results or not domain or "more-than-one-from" in letter.oddities:
        return Verdict.UNKNOWN
    dmarc = [result for method, result, _ in results if method == "dmarc"]
    if "fail" in dmarc:
        return Verdict.FAIL
    if any(_vouches(method, result, named, domain) for method, result, named in results):
        return Verdict.PASS
    failed = any(method == "spf" and result == "fail" for method, result, _ in results)
    return Verdict.FAIL if failed else Verdict.UNKNOWN


def _results(headers: Sequence[str], authserv_id: str) -> list[tuple[str, str, set[str]]]:
    """Method, result and the domains it speaks of, from the topmost header that our border wrote."""
    for header in headers:
        name, *findings = _COMMENT.sub(" ", header).split(";")
        if authserv_id and name.split()[:1] == [authserv_id]:
            return [_finding(found) for text in findings if (found := _RESULT.match(text))]
    return []


def _finding(found: re.Match[str]) -> tuple[str, str, set[str]]:
    domains = {value.rpartition("@")[2].lower().strip(".") for _, value in _PROPERTY.findall(found[3])}
    return found[1].lower(), found[2].lower(), domains


def _vouches(method: str, result: str, named: set[str], domain: str) -> bool:
    """DMARC speaks of the From itself; a signature or SPF counts where it is of that domain or one above."""
    if result != "pass":
        return False
    if method == "dmarc":
        return not named or domain in named
    return any(domain == each or ("." in each and domain.endswith(f".{each}")) for each in named)
