"""What editors fill in."""

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (  # type: ignore[attr-defined]
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.validators import Optional as May
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from helpdesk.accounts.models import Agent
from helpdesk.core.fields import line, prose
from helpdesk.core.text import without_controls
from knowledge_base.acts import LONGEST_NOTE
from knowledge_base.categories import PATH, Tree
from knowledge_base.models import Purpose, Visibility
from knowledge_base.writing.addressing import LONGEST_SLUG, slug_of
from knowledge_base.writing.editing import LONGEST_BODY, LONGEST_TITLE, Particulars

_LONGEST_LINE, _LONGEST_LINES = 200, 5_000
# Before the name of a category, for each that it lies in.
_INDENT = "\u3000"
PURPOSES = {
    Purpose.HOW_TO: _("How-to"),
    Purpose.POLICY: _("Policy"),
    Purpose.CHECKLIST: _("Checklist"),
    Purpose.ADOPTION_GUIDE: _("Adoption guide"),
    Purpose.COMPARISON: _("Comparison"),
    Purpose.CASE: _("Case"),
    Purpose.ROI: _("Return on investment"),
    Purpose.RELEASE_NOTE: _("Release note"),
}
VISIBILITIES = {
    Visibility.PUBLIC: _("Everybody"),
    Visibility.SIGNED_IN: _("Customers who signed in"),
    Visibility.SEGMENT: _("Customers on certain stages"),
    Visibility.STAFF: _("Only our team"),
}


def _markdown(text: str | None) -> str:
    """Blanks stay where they are: they mean something there."""
    return without_controls(text or "")


def _ticks(label: object, **more: object) -> SelectMultipleField:
    return SelectMultipleField(
        label,  # type: ignore[arg-type]
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        **more,  # type: ignore[arg-type]
    )


class ArticleForm(FlaskForm):
    """An article's text, what is said about it, and what shall become of it."""

    # The revision that the editor started from; nothing for a new article.
    base = IntegerField(widget=HiddenInput(), validators=[May(), NumberRange(min=1)])
    # The revision that a new article translates.
    source = IntegerField(widget=HiddenInput(), validators=[May(), NumberRange(min=1, max=2**31 - 1)])
    title = StringField(
        _("Title"),
        [DataRequired(_("An article needs a title.")), Length(max=LONGEST_TITLE)],
        filters=[line],
    )
    body = TextAreaField(_("Text"), [Length(max=LONGEST_BODY)], filters=[_markdown])
    lang = SelectField(
        _("Language"), [DataRequired()], choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")]
    )
    slug = StringField(
        _("Address"),
        [Length(max=LONGEST_SLUG)],
        description=_("Left empty, it is made of the title. It stays when the title changes."),
        filters=[line],
    )
    category = SelectField(_("Category"), default="")
    new_category = StringField(
        _("New category"),
        [Length(max=400)],
        description=_(
            "With “/” between a category and one in it. If filled in, it replaces the choice above."
        ),
        filters=[line],
    )
    purpose = SelectField(
        _("Kind"), [DataRequired()], choices=[SelectChoice(k.value, word) for k, word in PURPOSES.items()]
    )
    visibility = SelectField(
        _("Who may read it"),
        [DataRequired()],
        choices=[SelectChoice(v.value, word) for v, word in VISIBILITIES.items()],
    )
    audience = _ticks(_("Stages that may read it"))
    tags = StringField(
        _("Tags"), [Length(max=1_000)], description=_("With commas between them."), filters=[prose]
    )
    questions = TextAreaField(
        _("Questions it answers"),
        [Length(max=_LONGEST_LINES)],
        description=_("One a line, in the customers' own words. They are suggested while somebody types."),
        filters=[prose],
    )
    stages = _ticks(
        _("Stages it is written for"),
        description=_("It comes a little earlier in the search there, and is hidden nowhere."),
    )
    owner = SelectField(_("Owner"), default="", description=_("Sees to it that the article stays true."))
    review_on = DateField(_("Look through again on"), [May()])
    # What stood there when the form was opened: what the editor left alone stays as it is now.
    slug_was, owner_was = HiddenField(), HiddenField()
    review_on_was = DateField(widget=HiddenInput(), validators=[May()])
    note = StringField(
        _("What changed, and why"),
        [Length(max=LONGEST_NOTE)],
        description=_("Stands in the history."),
        filters=[line],
    )
    reviewer = SelectField(_("Who looks at it"), default="")
    review_note = StringField(_("What to look at"), [Length(max=LONGEST_NOTE - 150)], filters=[line])
    publish_at = DateTimeLocalField(_("Publish on"), [May()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    file = FileField(_("Image or file"))
    alt = StringField(
        _("What the image shows"),
        [Length(max=200)],
        description=_("Read aloud to those who cannot see it."),
        filters=[line],
    )

    def offer(
        self,
        stages: Sequence[tuple[str, str]],
        kept: Sequence[str] = (),
        people: Sequence[Agent] = (),
        writer: Agent | None = None,
    ) -> "ArticleForm":
        """Let the editor choose among `stages` (key, name), the tree and `people`; `kept` stays.

        writer: who fills it in, and asks somebody else to look at it.
        """
        known = {key: key for key in kept} | dict(stages)
        self.stages.choices = [SelectChoice(key, name) for key, name in known.items()]
        self.audience.choices = [SelectChoice(key, name) for key, name in known.items()]
        self.shelves = _shelves(str(self.lang.data or "ja"))
        self.category.choices = [SelectChoice(path, name) for path, name in self.shelves]
        named = [SelectChoice(str(agent.id), _name(agent)) for agent in people]
        self.owner.choices = [SelectChoice("", _("Nobody")), *named]
        others = zip(named, people, strict=True)
        active = [choice for choice, agent in others if agent.is_active and agent is not writer]
        self.reviewer.choices = [SelectChoice("", _("Choose")), *active]
        return self

    def validate_slug(self, field: StringField) -> None:
        if field.data and not slug_of(field.data):
            raise ValidationError(_("Only Latin letters, digits and hyphens can stand in an address."))

    def validate_visibility(self, field: SelectField) -> None:
        if field.data == Visibility.SEGMENT.value and not self.audience.data:
            raise ValidationError(_("Choose the stages that may read it."))

    @property
    def text(self) -> tuple[str, str]:
        """Title and body."""
        return self.title.data or "", self.body.data or ""

    def _new_path(self) -> str:
        """The new category as a path, whichever sign is between its names; one that is there stays whole."""
        typed = self.new_category.data or ""
        known = {path for path, _name in self.shelves}
        return typed if typed in known else PATH.join(re.split(r"\s*[/／>＞]\s*", typed))

    def particulars(self) -> Particulars:
        return Particulars(
            category=self._new_path() or self.category.data or "",
            purpose=Purpose(self.purpose.data),
            visibility=Visibility(self.visibility.data),
            tags=re.split("[,、,]", self.tags.data or ""),
            stages=self.stages.data or (),
            questions=(self.questions.data or "").splitlines(),
            audience=self.audience.data or (),
        )


class SendBackForm(FlaskForm):
    """Why a text cannot be published yet."""

    note = StringField(
        _("What is missing"),
        [DataRequired(_("Say what is missing.")), Length(max=LONGEST_NOTE)],
        filters=[line],
    )


def _shelves(lang: str) -> list[tuple[str, str]]:
    """The tree in its order: each category's path, as `Particulars` takes it, and its name, indented."""
    tree = Tree.load()
    choices = [("", str(_("None")))]
    for shelf in tree.all:
        path = PATH.join(each.name(lang) for each in tree.ancestors(shelf.category))
        choices.append((path, _INDENT * shelf.depth + shelf.category.name(lang)))
    return choices


def _name(agent: Agent) -> str:
    return agent.name if agent.is_active else str(_("%(name)s (left)", name=agent.name))
