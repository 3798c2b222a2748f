"""Zendesk Guide: categories, sections and articles with translations, as its help-centre API answers them."""

import re
from dataclasses import dataclass, field
from typing import Any

from knowledge_base.transfer.importing.help_centres import attach, language, leave_out, page, rows
from knowledge_base.transfer.importing.pages import N_, Bundle, Imported, Page, Shelf
from knowledge_base.transfer.importing.sources import Source

_Row = dict[str, Any]
_ATTACHMENT = re.compile(r"/article_attachments/(?:token/)?(\d+)")


@dataclass
class _Guide:
    """All objects by their kind and id."""

    articles: dict[int, _Row] = field(default_factory=dict)
    sections: dict[int, _Row] = field(default_factory=dict)
    categories: dict[int, _Row] = field(default_factory=dict)
    translations: dict[tuple[str, int], dict[str, _Row]] = field(default_factory=dict)
    attachments: dict[int, list[_Row]] = field(default_factory=dict)
    segments: dict[int, _Row] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)

    def names(self, kind: str, row: _Row) -> dict[str, str]:
        """Its name in each of our languages."""
        told = {language(row.get("locale") or row.get("source_locale")): row.get("name") or row.get("title")}
        for locale, each in self.translations.get((kind, row["id"]), {}).items():
            told[language(locale)] = each.get("title") or each.get("name")
        return {lang: str(name) for lang, name in told.items() if lang and name}

    def way(self, article: _Row) -> list[tuple[str, _Row]]:
        """Category, sections and so down to where the article lies."""
        found: list[tuple[str, _Row]] = []
        section = self.sections.get(article.get("section_id") or 0)
        category_id = None
        while section is not None and len(found) < 10:
            found.insert(0, ("Section", section))
            category_id = section.get("category_id") or category_id
            section = self.sections.get(section.get("parent_section_id") or 0)
        category = self.categories.get(category_id or 0)
        return ([("Category", category)] if category else []) + found


def is_guide(told: list[tuple[str, Any]]) -> bool:
    return any(
        "section_id" in row for _path, each in told for _name, row in rows(each, "articles", "article")
    )


def read(source: Source, told: list[tuple[str, Any]], lang: str, done: Imported) -> Bundle:
    """The articles of an export. lang: of those whose locale is not told."""
    guide, bundle, others = _gathered(source, told), Bundle(), set[str]()
    for article in sorted(guide.articles.values(), key=lambda row: (row.get("position") or 0, row["id"])):
        locales = {article.get("locale") or article.get("source_locale") or lang: article}
        locales.update(guide.translations.get(("Article", article["id"]), {}))
        taken: set[str] = set()
        for locale, text in sorted(locales.items()):
            code = language(locale)
            if not code or code in taken:
                others.add(str(locale))
                continue
            taken.add(code)
            bundle.pages.append(_page(guide, source, article, text, code, done))
    _shelve(guide, bundle)
    leave_out(done, source, others)
    return bundle


def _gathered(source: Source, told: list[tuple[str, Any]]) -> _Guide:
    guide = _Guide()
    kinds = {"articles": guide.articles, "sections": guide.sections, "categories": guide.categories}
    kinds["user_segments"] = guide.segments
    for path, answer in told:
        for name, row in rows(answer, *kinds, "article", "section", "category"):
            if isinstance(row.get("id"), int):
                kind = name if name in kinds else {"category": "categories"}.get(name, name + "s")
                kinds[kind][row["id"]] = {**kinds[kind].get(row["id"], {}), **row}
                guide.places.setdefault(row["id"], source.place(path))
                for each in row.get("translations") or ():
                    _translate(guide, kind[:-1].replace("categorie", "category").title(), row["id"], each)
        for _name, row in rows(answer, "translations", "translation"):
            if row.get("source_type") and isinstance(row.get("source_id"), int):
                _translate(guide, str(row["source_type"]), row["source_id"], row)
        for _name, row in rows(answer, "article_attachments", "attachments"):
            if row.get("content_url") and isinstance(row.get("article_id"), int):
                guide.attachments.setdefault(row["article_id"], []).append(row)
    return guide


def _translate(guide: _Guide, kind: str, id: int, row: _Row) -> None:
    if isinstance(row, dict) and row.get("locale"):
        guide.translations.setdefault((kind, id), {})[str(row["locale"])] = row


def _page(guide: _Guide, source: Source, article: _Row, text: _Row, lang: str, done: Imported) -> Page:
    is_draft = text.get("draft") if "draft" in text else article.get("draft")
    facts = {
        "external_id": f"zendesk-{article['id']}",
        "lang": lang,
        "title": text.get("title") or article.get("title"),
        "status": "draft" if is_draft else "published",
        "tags": article.get("label_names") or [],
        "category": [_name(guide, kind, row, lang) for kind, row in guide.way(article)],
        "created_at": text.get("created_at") or article.get("created_at"),
        "published_at": article.get("created_at"),
        "updated_at": text.get("edited_at") or text.get("updated_at") or article.get("updated_at"),
    }
    made = page(guide.places[article["id"]], facts, text.get("body") or "", number=article["id"])
    made.slug_hint = _slug(str(text.get("html_url") or article.get("html_url") or ""))
    facts["visibility"] = _visibility(guide, article, made, done)
    known = {row.get("id"): row for row in guide.attachments.get(article["id"], ())}
    for address in re.findall(r"\]\(<?([^)>\s]+article_attachments[^)>\s]*)", str(facts["body"])):
        number = _ATTACHMENT.search(address)
        row = known.get(int(number[1])) if number else None
        name = str(row.get("file_name") or "") if row else address.rpartition("/")[2]
        attach(made, source, address, number[1] if number else "", name)
    return made


def _visibility(guide: _Guide, article: _Row, made: Page, done: Imported) -> str:
    """What was kept from some is never shown to all."""
    segment_id = article.get("user_segment_id")
    if segment_id is None:
        return "public"
    user_type = guide.segments.get(segment_id, {}).get("user_type")
    if user_type == "signed_in_users":
        return "signed-in"
    if user_type != "staff":
        done.warn(
            made.fault(N_("the readers of %(segment)s are not known here: only our team"), segment=segment_id)
        )
    return "staff"


def _shelve(guide: _Guide, bundle: Bundle) -> None:
    """Categories in the order that they had, from the top down."""
    ways: dict[tuple[int, ...], list[tuple[str, _Row]]] = {}
    for article in guide.articles.values():
        way = guide.way(article)
        for depth in range(1, len(way) + 1):
            ways[tuple(row["id"] for _kind, row in way[:depth])] = way[:depth]
    for way in sorted(ways.values(), key=lambda each: (len(each), each[-1][1].get("position") or 0)):
        names = guide.names(*way[-1])
        for lang in names or {"en": ""}:
            path = tuple(_name(guide, kind, row, lang) for kind, row in way)
            bundle.shelves.append(Shelf(path, lang, names, way[-1][1].get("position")))


def _name(guide: _Guide, kind: str, row: _Row, lang: str) -> str:
    names = guide.names(kind, row)
    return names.get(lang) or next(iter(names.values()), "") or str(row.get("name") or row["id"])


def _slug(address: str) -> str:
    return re.sub(r"^\d+-?", "", address.rpartition("/")[2])
