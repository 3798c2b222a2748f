"""What senders write as the name of a character set, and the codec that reads what they mean by it."""

import re

# The wider set of each name: senders use the characters that their own system added.
_WIDER = {
    "shift_jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932",
    "cswindows31j": "cp932", "csshiftjis": "cp932", "shift_jis_ms": "cp932", "x-mac-japanese": "cp932",
    "x-ms-cp932": "cp932", "sjis-win": "cp932", "sjis_mac": "cp932",
    "shift_jis-2004": "shift_jis_2004", "shift_jis_x0213": "shift_jisx0213",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030",
    "csgb2312": "gb18030", "hz-gb-2312": "hz",
    "big5": "cp950", "cn-big5": "cp950", "x-x-big5": "cp950", "csbig5": "cp950", "big5-hkscs": "big5hkscs",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "euc_kr": "cp949", "korean": "cp949",
    "uhc": "cp949", "ksc5601": "cp949", "cseuckr": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "l1": "cp1252",
    "iso_8859-1": "cp1252", "ansi": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
    "tis-620": "cp874", "iso-8859-8-i": "iso8859-8", "iso-8859-6-e": "iso8859-6", "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "utf8": "utf-8", "utf-8mb4": "utf-8", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "utf-8-mac": "utf-8", "utf-8-sig": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7",
    "csunicode11utf7": "utf-7", "unicode": "utf-16", "iso-10646-ucs-2": "utf-16", "ucs-2": "utf-16",
    "utf16": "utf-16", "csunicode": "utf-16", "utf-16le": "utf-16", "utf-16be": "utf-16",
}  # fmt: skip
_JIS = re.compile(r"^_?(?:cs|x-)?iso-?2022-?jp|^x?-?jis$")
_EUC = re.compile(r"^(?:x-|cs)?euc-?_?jp|^ujis$|^euc-?jis")
# Pages of code by their number: cp932, windows-932, x-ms-cp932, ibm850, 65001.
_NUMBERED = re.compile(r"^(?:x-)?(?:cp|ibm|ms|windows|code-?page|dos)?[-_ ]?(?:cp)?(\d{3,5})$")
_BY_NUMBER = {
    "936": "gb18030", "54936": "gb18030", "51932": "euc_jp", "20932": "euc_jp", "65000": "utf-7",
    "50220": "iso2022_jp", "50221": "iso2022_jp", "50222": "iso2022_jp", "65001": "utf-8", "1200": "utf-16",
    "1201": "utf-16", "28591": "cp1252", "28605": "iso8859-15", "20866": "koi8-r", "20127": "",
    "51949": "cp949", "50225": "iso2022_kr",
}  # fmt: skip
# Only codecs of written text: others (punycode, zip, hex) would be a way to stop us.
_TEXTUAL = re.compile(
    r"^(?:utf|cp\d|iso-?_?8859|iso-?2022|koi8|mac|big5|gb|hz|euc|windows-|tis|johab|ptcp154|shift_jis)"
)
_VAGUE = frozenset(
    "us-ascii ascii ansi_x3.4-1968 unknown-8bit x-unknown unknown default 8bit 7bit x-user-defined none"
    " binary null".split()
)


def codec_of(label: str | None) -> str:
    """The codec for a label; "iso2022_jp" and "euc_jp" for all of their kin, "" where it tells nothing."""
    label = (label or "")[:80].strip(" \t\"'").lower().removeprefix("charset=").split(";")[0].strip()
    label = label.replace("shift-", "shift_")
    if label in _VAGUE:
        return ""
    if _JIS.match(label):
        return "iso2022_jp"
    if _EUC.match(label):
        return "euc_jp"
    if page := _NUMBERED.match(label):
        return _BY_NUMBER.get(page[1], f"cp{page[1]}")
    codec = _WIDER.get(label, label)
    return codec if _TEXTUAL.match(codec) else ""


def is_japanese(label: str | None) -> bool:
    """Whether only Japanese is written in the set of this label."""
    return codec_of(label) in ("iso2022_jp", "euc_jp", "cp932", "shift_jis_2004", "shift_jisx0213")
