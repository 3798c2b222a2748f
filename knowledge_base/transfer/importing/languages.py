"""Which language a file is in, as its name or its folder says, and its path without that."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from helpdesk.core.i18n import LANGUAGES

# Languages that documentation is written in beside ours; where a folder is named after one, it is none.
_OTHERS = frozenset(
    "ar az be bg bn ca cs da de el es et eu fa fi fr he hi hr hu hy id is it ka kk km ko lt lv mk mn ms my nb"
    " nl no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi yo zh em".split()
)
_CODE = re.compile(r"^([a-z]{2})(?:[-_](?:[a-z]{2}|han[st]|[a-z]{4}))?$", re.IGNORECASE)
# How far down a folder may name a language.
_DEEPEST = 3
_DOCUSAURUS = re.compile(r"^i18n/([^/]+)/docusaurus-plugin-content-(docs|blog|pages)(?:/current)?/")


class Languages:
    """Of one folder of files. A page of no language of ours is told by `others`."""

    def __init__(self, files: Sequence[str]) -> None:
        self.others: list[str] = []
        folders = {
            PurePosixPath(*parts[: depth + 1])
            for file in files
            for parts in [PurePosixPath(file).parent.parts]
            for depth in range(min(len(parts), _DEEPEST))
        }
        # A folder `de` is a language only beside `ja` or `en`.
        self._beside = {folder.parent for folder in folders if _ours(folder.name)}

    def of(self, file: str) -> tuple[str | None, str]:
        """The language that the file's place names (empty: none; None: one that is not ours), and its path.

        The path is without ending and language, so that translations have the same.
        """
        if found := _DOCUSAURUS.match(file):
            lang = _ours(found[1])
            return self._known(lang, found[1]), f"{found[2]}/{_stem(file[found.end() :])[1]}"
        path = PurePosixPath(file)
        suffix, stem = _stem(path.name)
        parts = list(path.parent.parts)
        for depth, part in enumerate(parts[:_DEEPEST]):
            is_language = PurePosixPath(*parts[:depth]) in self._beside and _CODE.match(part)
            if _ours(part) or (is_language and _is_other(part)):
                rest = "/".join([*parts[:depth], *parts[depth + 1 :], stem])
                return self._known(_ours(part), part), rest
        told = "/".join([*parts, stem])
        return (self._known(_ours(suffix), suffix) if suffix else ""), told

    def _known(self, lang: str, code: str) -> str | None:
        if not lang and code not in self.others:
            self.others.append(code)
        return lang or None


def _ours(code: str) -> str:
    """`ja` for ja, ja-JP and ja_JP; empty for what is no language of ours."""
    found = _CODE.match(code)
    return found[1].lower() if found and found[1].lower() in LANGUAGES else ""


def _is_other(code: str) -> bool:
    return code[:2].lower() in _OTHERS


def _stem(name: str) -> tuple[str, str]:
    """`page.ja.md` as ("ja", "page"), `page.md` as ("", "page"); folders before it stay."""
    stem = re.sub(r"\.(?:mdx?|markdown)$", "", name, flags=re.IGNORECASE)
    base, dot, suffix = stem.rpartition(".")
    if dot and "/" not in suffix and _CODE.match(suffix) and (_ours(suffix) or _is_other(suffix)):
        return suffix, base
    return "", stem
