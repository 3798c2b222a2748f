"""The one search box of the desk: tickets and customers at once, articles a moment later."""

from flask import render_template, request

from helpdesk.accounts.permissions import me
from helpdesk.core.i18n import language
from helpdesk.desk.asked import EXAMPLES, Asked
from helpdesk.desk.search import COUNTED_UP_TO
from helpdesk.desk.search import search as find
from helpdesk.desk.views import bp
from knowledge_base.search import search as find_articles

MOST_ARTICLES = 6


@bp.get("/desk/search")
def search() -> str:
    asked, is_ranked = Asked.of(request.args.get("q", "")), request.args.get("order") == "best"
    found = find(me(), asked, before=request.args.get("before", type=int), is_ranked=is_ranked)
    return render_template(
        "desk/search.html",
        asked=asked,
        found=found,
        is_ranked=is_ranked,
        counted_up_to=COUNTED_UP_TO,
        examples=EXAMPLES,
    )


@bp.get("/desk/search/articles")
def search_articles() -> str:
    """A panel that the search page pulls: its index is a slower one, and tickets need not wait for it."""
    asked = Asked.of(request.args.get("q", ""))
    found = find_articles(asked.text, language(), viewer=me(), limit=MOST_ARTICLES)
    return render_template("desk/_articles.html", asked=asked, found=found)
