"""Markdown as plain sentences, for the index and for snippets: a hundred times quicker than to render it."""

import re

_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^ {0,3}(?:[-*_] ?){3,}$|^[ |]*:?-{2,}[-:| ]*$|^ {0,3}=+$", re.MULTILINE)
_CALLOUT = re.compile(r"^[ >]*\[!\w+\] *", re.MULTILINE)
_HEAD = re.compile(r"^(?:[ \t]*>)*[ \t]*(?:#{1,6} +|[-*+] +(?:\[[ xX]\] +)?|\d{1,9}[.)] +)?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]: +\S+.*$", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*{1,3}|~~|`+)(?=\S)(.{1,300}?)(?<=\S)\1")
_UNDERLINED = re.compile(r"(?<!\w)(_{1,3})(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)")
_STROKE = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def prose(markdown: str, *, between: str = " ") -> str:
    """The words of a Markdown text, a line for each of its lines, without marks and addresses.

    between: what parts the cells of a table's row; people need a sign there, which is noise to a model.
    """
    text = _LINK.sub(r"\1", _REFERENCE.sub("", markdown))
    for line in (_FENCE, _RULE, _CALLOUT):
        text = line.sub("", text)
    text = _HEAD.sub("", text)
    for inline in (_EMPHASIS, _UNDERLINED):
        text = inline.sub(r"\2", text)
    lines = (_ESCAPED.sub(r"\1", _without_strokes(line, between)).strip() for line in text.splitlines())
    return "\n".join(filter(None, lines))


def _without_strokes(line: str, between: str) -> str:
    if "|" not in line:
        return line
    # Outside a table a stroke is only a sign.
    joint = between if line.lstrip().startswith("|") else " "
    return joint.join(filter(None, (cell.strip() for cell in _STROKE.split(line))))
