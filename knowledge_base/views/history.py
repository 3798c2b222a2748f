"""An article's history: its revisions, what differs between two, and what was done with it."""

from flask import render_template, request

from knowledge_base import acts
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import revision_of, staff, visible
from knowledge_base.writing import judging
from knowledge_base.writing.comparing import differences, told


@bp.get("/desk/kb/<int:id>/revisions")
@staff
def revisions(id: int) -> str:
    """What one revision changed, the newest where none is named; with: compared with this one instead."""
    article = visible(id)
    chosen = revision_of(article, request.args.get("number", article.newest.number, int))
    earlier = [each for each in article.revisions if each.number < chosen.number]
    number = request.args.get("with", 0, int)
    before = revision_of(article, number) if number else (earlier[-1] if earlier else None)
    said = told(before.particulars) if before else ""
    return render_template(
        "knowledge_base/revisions.html",
        article=article,
        chosen=chosen,
        before=before,
        lines=differences(before.body if before else "", chosen.body),
        particulars=differences(said, told(chosen.particulars)) if before else [],
        acts=acts.acts_of(article),
        judged=judging.by_revision(article),
    )
