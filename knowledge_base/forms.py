"""What editors fill in."""

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.validators import Optional as May
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from helpdesk.core.fields import line, prose
from helpdesk.core.text import without_controls
from knowledge_base.categories import path_of
from knowledge_base.editing import LONGEST_BODY, LONGEST_TITLE, Particulars
from knowledge_base.models import Article, Purpose, Visibility

_LONGEST_LINE, _LONGEST_LINES = 200, 5_000


def _markdown(text: str | None) -> str:
    """Blanks stay where they are: they mean something there."""
    return without_controls(text or "")


class ArticleForm(FlaskForm):
    """An article's text and what is said about it."""

    # The revision that the editor started from; nothing for a new article.
    base = IntegerField(widget=HiddenInput(), validators=[May(), NumberRange(min=1)])
    title = StringField(
        _("Title"),
        [DataRequired(_("An article needs a title.")), Length(max=LONGEST_TITLE)],
        filters=[line],
    )
    body = TextAreaField(_("Text"), [Length(max=LONGEST_BODY)], filters=[_markdown])
    lang = SelectField(_("Language"), choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")])
    slug = StringField(
        _("Address"),
        [Length(max=80)],
        description=_("Left empty, it is made of the title. It stays when the title changes."),
        filters=[line],
    )
    category = StringField(_("Topic"), [Length(max=400)], filters=[line])
    purpose = SelectField(
        _("Kind"),
        choices=[
            SelectChoice(Purpose.HOW_TO.value, _("How-to")),
            SelectChoice(Purpose.POLICY.value, _("Policy")),
            SelectChoice(Purpose.CHECKLIST.value, _("Checklist")),
            SelectChoice(Purpose.ADOPTION_GUIDE.value, _("Adoption guide")),
            SelectChoice(Purpose.COMPARISON.value, _("Comparison")),
            SelectChoice(Purpose.CASE.value, _("Case")),
            SelectChoice(Purpose.ROI.value, _("Return on investment")),
            SelectChoice(Purpose.RELEASE_NOTE.value, _("Release note")),
        ],
    )
    visibility = SelectField(
        _("Who may read it"),
        choices=[
            SelectChoice(Visibility.PUBLIC.value, _("Everybody")),
            SelectChoice(Visibility.STAFF.value, _("Only our team")),
        ],
    )
    tags = StringField(
        _("Tags"), [Length(max=1_000)], description=_("With commas between them."), filters=[prose]
    )
    questions = TextAreaField(
        _("Questions it answers"),
        [Length(max=_LONGEST_LINES)],
        description=_("One a line, in the customers' own words. They are suggested while somebody types."),
        filters=[prose],
    )
    stages = SelectMultipleField(
        _("Stages it is written for"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_("It comes a little earlier in the search there, and is hidden nowhere."),
    )

    def offer(self, stages: Sequence[tuple[str, str]], kept: Sequence[str] = ()) -> "ArticleForm":
        """Let the editor choose among `stages` (key, name); those the article has stay choices."""
        known = {key: key for key in kept} | dict(stages)
        self.stages.choices = [SelectChoice(key, name) for key, name in known.items()]
        return self

    @property
    def text(self) -> tuple[str, str]:
        """Title and body."""
        return self.title.data or "", self.body.data or ""

    def particulars(self) -> Particulars:
        return Particulars(
            category=self.category.data or "",
            purpose=Purpose(self.purpose.data),
            visibility=Visibility(self.visibility.data),
            tags=re.split("[,、,]", self.tags.data or ""),
            stages=self.stages.data or (),
            questions=(self.questions.data or "").splitlines(),
        )


def filled(article: Article) -> dict[str, object]:
    """What a form shows of an article: the newest revision's text."""
    newest = article.newest
    return {
        "base": newest.number,
        "title": newest.title,
        "body": newest.body,
        "lang": article.lang,
        "slug": article.slug,
        "category": path_of(article.shelf, article.lang),
        "purpose": article.purpose.value,
        "visibility": article.visibility.value,
        "tags": ", ".join(article.tags),
        "questions": "\n".join(article.questions),
        "stages": article.stages,
    }
