"""Reads answers as a browser would, for what has no place in them."""

from html.parser import HTMLParser

# Attributes that hold an address which a browser follows or runs.
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "hx-get",
    "hx-post",
    "srcdoc",
    "poster",
    "background",
}
# Data for search engines is a script element that nothing runs.
DATA = "application/ld+json"


class Page(HTMLParser):
    """Collects whatever could run, style or load from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "script" and "src" not in told and told.get("type") != DATA:
            self.faults.append("inline script")
        if tag in ("style", "base", "object", "embed", "applet", "svg:script", "marquee", "math"):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            self._look_at(tag, name, value or "")

    handle_startendtag = handle_starttag

    def _look_at(self, tag: str, name: str, value: str) -> None:
        scheme = "".join(value.split()).lower().partition(":")[0] if ":" in value else ""
        if name.startswith("on") or name.startswith("hx-on") or name in ("style", "srcdoc"):
            self.faults.append(f"{tag} {name}")
        if name in ADDRESSES and scheme in ("javascript", "data", "vbscript"):
            self.faults.append(f"{tag} {name}={value[:40]}")
        is_loaded = tag in ("script", "link", "img", "iframe") and name in ("src", "href") and "://" in value
        if is_loaded and not value.startswith("http://localhost"):
            self.faults.append(f"{tag} from {value[:40]}")
        if value.startswith("js:") and name.startswith("hx-"):
            self.faults.append(f"{tag} {name}={value[:40]}")


def faults(html: str) -> list[str]:
    """What could run or load in this page; empty is good."""
    return Page(html).faults
