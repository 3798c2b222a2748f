"""What is filled in about a set, a stage of it, a step back, and a segment."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from helpdesk.core.fields import line, prose
from helpdesk.core.i18n import language
from helpdesk.lifecycle.editing.drafts import COLOURS
from helpdesk.lifecycle.editing.vocabulary import ANCHORS
from helpdesk.lifecycle.models import Anchor, Stage

_NAME = [InputRequired(), Length(max=60)]
_LATIN = Regexp(r"[a-z][a-z0-9_-]*\Z", message=_("Use small Latin letters, digits, - and _, a letter first."))
_KEY = [InputRequired(), Length(max=40), _LATIN]
_GUIDE = [Length(max=500)]
GUIDES = tuple((lang, part) for lang in ("ja", "en") for part in ("state", "do", "dont"))
_COLOUR_NAMES = {
    "line-strong": _("Grey"),
    "accent-line": _("Pale blue"),
    "accent": _("Blue"),
    "accent-fill": _("Deep blue"),
    "good": _("Dark green"),
    "good-solid": _("Green"),
    "warn-solid": _("Amber"),
    "bad": _("Red"),
}


class NamesForm(FlaskForm):
    """A name in both languages."""

    edition = HiddenField()
    name_ja = StringField(_("Name in Japanese"), _NAME, filters=[line])
    name_en = StringField(_("Name in English"), _NAME, filters=[line])


class NewStageForm(NamesForm):
    """A stage to be added at the end."""

    key = StringField(_("Key"), _KEY, filters=[line], description=_("Rules and programs name it by this."))
    anchor = SelectField(
        _("Place on the common scale"),
        [InputRequired()],
        choices=[SelectChoice(anchor.value, ANCHORS[anchor]) for anchor in Anchor],
    )


class StageForm(NewStageForm):
    """Everything about a stage but its rules."""

    colour = SelectField(
        _("Colour"), [InputRequired()], choices=[SelectChoice(name, _COLOUR_NAMES[name]) for name in COLOURS]
    )
    no_sell = BooleanField(_("Nothing is sold on this stage"))
    reply_within = IntegerField(
        _("First reply within (business minutes)"),
        [Optional(), NumberRange(min=1, max=100_000)],
        description=_("Empty: as the rest of the house. A stage may only add speed."),
    )
    owner_id = SelectField(_("Who answers for it"), coerce=int)
    ja_state = TextAreaField(_("How they feel"), _GUIDE, filters=[prose])
    ja_do = TextAreaField(_("Do this"), _GUIDE, filters=[prose])
    ja_dont = TextAreaField(_("Never do this"), _GUIDE, filters=[prose])
    en_state = TextAreaField(_("How they feel"), _GUIDE, filters=[prose])
    en_do = TextAreaField(_("Do this"), _GUIDE, filters=[prose])
    en_dont = TextAreaField(_("Never do this"), _GUIDE, filters=[prose])

    @classmethod
    def of(cls, stage: Stage, people: Iterable[tuple[int, str]], fresh: bool = False) -> "StageForm":
        """As the stage is, or as it was posted; fresh: what was posted is for another form."""
        names = ("key", "name_ja", "name_en", "colour", "no_sell", "reply_within")
        values: dict[str, Any] = {name: getattr(stage, name) for name in names}
        values |= {f"{lang}_{part}": stage.guide.get(lang, {}).get(part, "") for lang, part in GUIDES}
        values |= {"anchor": stage.anchor.value, "owner_id": stage.owner_id or 0}
        values["edition"] = stage.set.edition
        form = cls(formdata=None, data=values) if fresh else cls(data=values)
        form.owner_id.choices = [SelectChoice(0, "–"), *(SelectChoice(id, name) for id, name in people)]
        return form

    def write(self, stage: Stage) -> None:
        """Put everything but the key onto the stage."""
        for name in ("name_ja", "name_en", "colour", "no_sell", "reply_within"):
            setattr(stage, name, self[name].data)
        stage.anchor = Anchor(self.anchor.data)
        stage.owner_id = self.owner_id.data or None
        said: dict[str, dict[str, str]] = {"ja": {}, "en": {}}
        for lang, part in GUIDES:
            said[lang][part] = self[f"{lang}_{part}"].data or ""
        stage.guide = {lang: parts for lang, parts in said.items() if any(parts.values())}


class StepBackForm(FlaskForm):
    """From which stages a step leads back to this one, and how long its condition must hold."""

    edition = HiddenField()
    hold_days = IntegerField(
        _("Days that the condition must hold"), [InputRequired(), NumberRange(min=0, max=365)], default=7
    )
    come_from = SelectMultipleField(
        _("From which stages"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self, stage: Stage, number: int = 0) -> "StepBackForm":
        """Let every later stage be chosen; number: the form's own among those of its page."""
        self.hold_days.id = f"hold-{number}"
        later = [each for each in stage.set.stages if each.position > stage.position]
        self.come_from.choices = [SelectChoice(each.key, each.name(language())) for each in later]
        return self


class SegmentForm(NamesForm):
    """A new segment."""

    key = StringField(
        _("Key"), _KEY, filters=[line], description=_("Addresses and programs name it by this.")
    )
