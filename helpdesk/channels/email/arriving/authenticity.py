"""What our own border found out about a letter's sender (RFC 8601). Pure."""

import enum
import re
from collections.abc import Sequence

from helpdesk.channels.email.letters.letter import ParsedLetter

_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)(.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*([^\s;]+)", re.IGNORECASE)
# Which properties name the domain that a method speaks of.
_NAMING = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


METHODS = ("spf", "dkim", "dmarc")


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


def outcomes(letter: ParsedLetter, authserv_id: str) -> tuple[str, dict[str, str]]:
    """Who looked at a letter of ours, and what came of spf, dkim and dmarc; empty where nobody looked.

    authserv_id: whose headers count, the upper before the lower; empty takes the topmost, whoever wrote it.
    Only to tell admins of their own letters: it is no proof of anything.
    """
    border, found = "", dict.fromkeys(METHODS, "")
    for header in letter.authentication_results:
        name, *_rest = _bare(header).split(";")
        if authserv_id and name.split()[:1] != [authserv_id]:
            continue
        border = border or ("" if _RESULT.match(name) else name.strip().split(" ")[0])
        for method, result in _said(_bare(header)).items():
            found[method] = found[method] or result
        if not authserv_id:
            break
    return border, found


def _said(header: str) -> dict[str, str]:
    """Each method's result; of several signatures one that passes is enough."""
    said: dict[str, str] = {}
    for text in header.split(";"):
        if finding := _RESULT.match(text):
            method, result = finding[1].lower(), finding[2].lower()
            said[method] = result if result == "pass" else said.get(method, result)
    return said


def _results(headers: Sequence[str], authserv_id: str) -> list[tuple[str, str, set[str]]]:
    """Method, result and the domains it speaks of, from the topmost header that our border wrote."""
    for header in headers:
        name, *findings = _bare(header).split(";")
        if authserv_id and name.split()[:1] == [authserv_id]:
            return [_finding(found) for text in findings if (found := _RESULT.match(text))]
    return []


def _bare(header: str) -> str:
    """Without comments, which nest; of quoted text only what an address is made of, so that a sender's
    `"x; dmarc=pass"@evil.example` cannot pass for a result."""
    kept, depth, is_quoted, is_escaped = [], 0, False, False
    for sign in header:
        if is_escaped or (sign == "\\" and (is_quoted or depth)):
            is_escaped = not is_escaped
        elif sign == '"' and not depth:
            is_quoted = not is_quoted
        elif not is_quoted and sign in ("(", ")"):
            depth = max(0, depth + (1 if sign == "(" else -1))
            kept.append(" ")
        elif not depth and (not is_quoted or sign.isalnum() or sign in ".@-_"):
            kept.append(sign)
    return "".join(kept)


def _finding(found: re.Match[str]) -> tuple[str, str, set[str]]:
    method = found[1].lower()
    named = [value for name, value in _PROPERTY.findall(found[3]) if name.lower() in _NAMING[method]]
    return method, found[2].lower(), {value.rpartition("@")[2].lower().strip(".") for value in named}


def _vouches(method: str, result: str, named: set[str], domain: str) -> bool:
    """DMARC speaks of the From itself; a signature or SPF counts where it is of that domain or one above."""
    if result != "pass":
        return False
    if method == "dmarc":
        return not named or domain in named
    return any(domain == each or ("." in each and domain.endswith(f".{each}")) for each in named)
