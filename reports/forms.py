"""What a link shows, what a report says, and how an organisation looks on both."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.writing import date_format
from analyses.models import Analysis
from reports.colour import is_readable, nearest_readable, worst_contrast
from reports.logo import MAX_BYTES, Logo, NotALogo, read_logo
from reports.models import Report, ShareLink
from reports.pdf import Words

# What a runner understands at once; the rest is one tick away.
FOR_A_RUNNER = (ShareLink.Content.SCORE, ShareLink.Content.FINDINGS, ShareLink.Content.FILM)
WITH_CHANGE = (*FOR_A_RUNNER, ShareLink.Content.CHANGE)
FOR_TWO = (*WITH_CHANGE, ShareLink.Content.EARLIER_FILM, ShareLink.Content.BESIDE)
NEED_TWO = (ShareLink.Content.CHANGE, ShareLink.Content.EARLIER_FILM, ShareLink.Content.BESIDE)


def told_apart(analysis: Analysis) -> str:
    """Name one analysis among those of its runner."""
    when = date_format(localtime(analysis.ordered_at), "DATETIME_FORMAT")
    return f"{analysis.get_view_display()} · {when}"


class ShareForm(forms.Form):
    """Which parts of a result a link shows, beside which earlier one, in which language."""

    contents = forms.MultipleChoiceField(
        label=_("What the link shows"),
        choices=ShareLink.Content.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing to show.")},
    )
    before = forms.ChoiceField(label=_("Compared with"), required=False)
    language = forms.ChoiceField(label=_("Language of the page"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, earlier: Sequence[Analysis], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._earlier = {str(one.code): one for one in earlier}
        names = [(code, told_apart(one)) for code, one in self._earlier.items()]
        self.fields["before"].choices = [("", _("nothing, this result alone")), *names]  # type: ignore[attr-defined]
        if not earlier:
            del self.fields["before"]
            alone = [choice for choice in ShareLink.Content.choices if choice[0] not in NEED_TWO]
            self.fields["contents"].choices = alone  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Drop what needs an earlier result where there is none."""
        typed: dict[str, Any] = super().clean() or {}
        typed["before"] = self._earlier.get(typed.get("before", ""))
        chosen = typed.get("contents", [])
        if chosen and typed["before"] is None:
            typed["contents"] = [content for content in chosen if content not in NEED_TWO]
            if not typed["contents"]:
                self.add_error("contents", _("Choose an earlier result to compare with, or something else to show."))
        return typed


class ReportForm(forms.Form):
    """What a report says, in which form; prefilled with what was found."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Report.Kind.choices, widget=forms.RadioSelect)
    other_view = forms.ChoiceField(label=_("Together with the other view"), required=False)
    title = forms.CharField(label=_("Title"), max_length=80)
    findings = forms.CharField(
        label=_("What stands out"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    remarks = forms.CharField(
        label=_("Remarks"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    language = forms.ChoiceField(label=_("Language of the report"), choices=settings.LANGUAGES)
    paper = forms.ChoiceField(label=_("Paper"), choices=Report.Paper.choices)

    def __init__(self, *args: Any, others: Sequence[Analysis], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = {str(one.code): one for one in others}
        names = [(code, told_apart(one)) for code, one in self._others.items()]
        self.fields["other_view"].choices = [("", _("nothing, this view alone")), *names]  # type: ignore[attr-defined]
        if not others:
            del self.fields["other_view"]

    def clean(self) -> dict[str, Any]:
        """Return the chosen other view as a row, and the three texts as what the document takes."""
        typed: dict[str, Any] = super().clean() or {}
        typed["other_view"] = self._others.get(typed.get("other_view", ""))
        texts = {name: typed.pop(name, "") for name in ("title", "findings", "remarks")}
        typed["words"] = Words(**texts)
        return typed


class LogoForm(forms.Form):
    """A picture that can be an organisation's logo."""

    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG, JPEG or WebP, 2 MB at most; best with a transparent background."),
        error_messages={"required": _("Choose a picture first.")},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean_logo(self) -> Logo:
        try:
            return read_logo(self.cleaned_data["logo"].read(MAX_BYTES + 1))
        except NotALogo as error:
            raise forms.ValidationError(str(error)) from error


class AccentForm(forms.Form):
    """A colour that text can have on paper and on the page; empty for the portal's own."""

    accent = forms.CharField(
        label=_("Colour"),
        required=False,
        help_text=_("Of headings, links and buttons on shared pages and reports. By night a paler shade is used."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    def clean_accent(self) -> str:
        accent: str = self.cleaned_data["accent"].strip().lower()
        if accent and not re.fullmatch(r"#[0-9a-f]{6}", accent):
            raise forms.ValidationError(_("Write a colour as six digits, such as #0d5c63."))
        if accent and not is_readable(accent):
            text = _(
                "Text in %(colour)s is hard to read on paper: its contrast is %(contrast)s, and 4.5 is needed. "
                "The nearest shade that can be read is %(nearest)s."
            )
            # Rounded down: 4.46 must not read as the 4.5 that would do.
            contrast = number_format(math.floor(worst_contrast(accent) * 10) / 10, 1)
            told = {"colour": accent, "contrast": contrast, "nearest": nearest_readable(accent)}
            raise forms.ValidationError(text, params=told)
        return accent
