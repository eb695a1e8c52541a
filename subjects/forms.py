"""What is typed about a runner."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Units
from accounts.names import NameField
from accounts.ticked import TickedField
from accounts.units import read_height, read_weight, typed_height, typed_weight
from subjects.imports.columns import MEANINGS
from subjects.imports.table import MAX_BYTES
from subjects.models import HEIGHT_M, OLDEST_YEAR, WEIGHT_KG, Group, Mark, Note, Site, Subject

PAIN_LEVELS = [str(level) for level in range(11)]


class MeasuredField(forms.FloatField):
    """A decimal number with a comma or a point, typed on a phone's number keys, in the units of who types it."""

    widget = forms.TextInput
    units: str = Units.METRIC
    kept: float | None = None

    def follow(self, units: str, kept: float | None = None) -> None:
        """Take these units; what is typed just as `kept` is written is that very value, not what its rounding says."""
        self.units, self.kept = units, kept

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return self.write(value) if isinstance(value, float | int) else value

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        if self.kept is not None and value.strip() == self.write(self.kept):
            return self.kept
        found = self.read(value)
        if found is None:
            raise forms.ValidationError(self.example)
        return found

    def write(self, value: float) -> str:
        raise NotImplementedError

    def read(self, typed: str) -> float | None:
        raise NotImplementedError

    @property
    def example(self) -> Any:
        raise NotImplementedError


class HeightField(MeasuredField):
    """Metres; feet and inches are understood as well."""

    def follow(self, units: str, kept: float | None = None) -> None:
        super().follow(units, kept)
        if units == Units.IMPERIAL:  # the number keys have no "ft"
            self.widget.attrs |= {"placeholder": "5 ft 9", "inputmode": "text"}

    def write(self, value: float) -> str:
        return typed_height(value, self.units)

    def read(self, typed: str) -> float | None:
        return read_height(typed, self.units)

    @property
    def example(self) -> Any:
        return _("Write the height as 5 ft 9.") if self.units == Units.IMPERIAL else _("Type a number, such as 1.72.")

    def validate(self, value: Any) -> None:
        super().validate(value)
        low, high = HEIGHT_M
        if value is None or low <= value <= high:
            return
        if low <= value / 100 <= high:
            raise forms.ValidationError(_("Did you mean %(height)s m?"), params={"height": f"{value / 100:.2f}"})
        if self.units == Units.IMPERIAL:
            raise forms.ValidationError(self.example)
        raise forms.ValidationError(_("A height is between 0.5 and 2.5 metres."))


class WeightField(MeasuredField):
    """Kilograms; pounds are understood as well."""

    def write(self, value: float) -> str:
        return typed_weight(value, self.units)

    def read(self, typed: str) -> float | None:
        return read_weight(typed, self.units)

    @property
    def example(self) -> Any:
        return _("Type a number, such as 68.5.")

    def validate(self, value: Any) -> None:
        super().validate(value)
        low, high = WEIGHT_KG
        if value is None or low <= value <= high:
            return
        if self.units == Units.IMPERIAL:
            raise forms.ValidationError(_("A weight is between 45 and 660 pounds."))
        raise forms.ValidationError(_("A weight is between 20 and 300 kilograms."))


class SubjectForm(forms.ModelForm):  # type: ignore[type-arg]
    """A runner of an organisation whose groups are `groups`.

    With `needs_group`, for a coach who sees only those groups, one of them has to be chosen.
    """

    height_m = HeightField(label=_("Height"), required=False)
    weight_kg = WeightField(label=_("Weight"), required=False)

    class Meta:
        model = Subject
        field_classes = {"name": NameField, "groups": TickedField}
        fields = ["name", "email", "height_m", "weight_kg", "birth_year", "sex", "groups", "notes"]
        labels = {"birth_year": _("Year of birth"), "name": _("Name"), "email": _("E-mail")}
        widgets = {
            "birth_year": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(
        self, *args: Any, groups: QuerySet[Group], units: str, needs_group: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["height_m"].follow(units, self.initial.get("height_m"))  # type: ignore[attr-defined]
        self.fields["weight_kg"].follow(units, self.initial.get("weight_kg"))  # type: ignore[attr-defined]
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]
        if needs_group:
            self.fields["groups"].required = True
            self.fields["groups"].error_messages["required"] = _(
                "Choose a group. You see only the runners of your groups."
            )
            if self.instance.pk is None and len(groups) == 1:
                self.initial["groups"] = list(groups)
        self.fields["sex"].choices = [("", _("not said")), *Subject.Sex.choices]  # type: ignore[attr-defined]

    def clean_birth_year(self) -> int | None:
        year: int | None = self.cleaned_data["birth_year"]
        this_year = timezone.localdate().year
        if year is not None and not OLDEST_YEAR <= year <= this_year:
            raise forms.ValidationError(
                _("A year of birth is between 1900 and %(this_year)s."), params={"this_year": this_year}
            )
        return year


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    """Something with a name, beside `others`, whose names are taken."""

    taken: Any  # a sentence with %(name)s

    def __init__(self, *args: Any, others: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.others.exclude(pk=self.instance.pk).filter(name__iexact=name).exists():
            raise forms.ValidationError(self.taken, params={"name": name})
        return name


class GroupForm(NameForm):
    """A group, and at which of the organisation's `sites` it is, where there are any."""

    taken = _("There is a group called %(name)s already.")

    class Meta:
        model = Group
        field_classes = {"name": NameField}
        fields = ["name", "site"]
        labels = {"name": _("Name of the group"), "site": _("Place")}

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sites:
            del self.fields["site"]
            return
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["site"].empty_label = _("nowhere in particular")  # type: ignore[attr-defined]


class SiteForm(NameForm):
    """A place; it stands beside the form of a group, so that what it asks for is called otherwise on the page."""

    taken = _("There is a place called %(name)s already.")

    class Meta:
        model = Site
        field_classes = {"name": NameField}
        fields = ["name"]
        labels = {"name": _("Name of the place")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "place_%s"


class CoachesForm(forms.Form):
    """Who looks after a group, of those who are `people` here."""

    members: Any = TickedField(queryset=None, required=False)

    def __init__(self, *args: Any, people: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["members"]
        members.queryset = people
        members.label_from_instance = lambda member: str(member.user)


class DayField(forms.DateField):
    """A day from the browser's own calendar; left empty it is today."""

    def __init__(self) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(label=_("Day"), required=False, widget=widget, initial=timezone.localdate)
        self.error_messages["invalid"] = _("Type a day, such as 2026-11-22.")

    def clean(self, value: Any) -> date:
        return super().clean(value) or timezone.localdate()


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]
    on = DayField()

    class Meta:
        model = Note
        fields = ["text", "on"]
        labels = {"text": _("Write a note")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class MarkForm(forms.Form):
    """A mark by the button that was pressed: `mark` is its kind, for pain with the level behind a hyphen.

    It stands beside the form of a note, so that what it asks for is called otherwise on the page.
    """

    mark = forms.CharField()
    on = DayField()
    text = forms.CharField(label=_("In a few words"), max_length=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "mark_%s"

    def clean_mark(self) -> tuple[str, int | None]:
        """Return kind and level; a page offers only what can be, so anything else is no mark."""
        kind, _hyphen, level = self.cleaned_data["mark"].partition("-")
        pain = kind == Mark.Kind.PAIN
        if kind not in Mark.Kind.values or (level in PAIN_LEVELS) != pain:
            raise forms.ValidationError(_("Choose one of the marks."))
        return kind, int(level) if pain else None


class ListForm(forms.Form):
    """A list of runners, as a table programme saves it."""

    file = forms.FileField(
        label=_("List of runners"),
        help_text=_("CSV, up to 5 MB and 10,000 lines. Any separator, any letters, headings in any of our languages."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        error_messages={
            "required": _("Choose a file first."),
            "missing": _("Choose a file first."),
            "empty": _("The file is empty. Choose another one."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:  # before it is read into memory
            raise forms.ValidationError(_("The file is larger than 5 MB. Split it and import the parts."))
        return file


class ColumnsForm(forms.Form):
    """What each of the `width` columns of a list means, and the group its new runners go into."""

    has_headings = forms.BooleanField(label=_("The first line holds headings"), required=False)
    group: Any = forms.ModelChoiceField(
        label=_("New runners go into"), queryset=None, required=False, empty_label=_("no group")
    )

    def __init__(self, *args: Any, width: int, groups: QuerySet[Group], needs_group: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group: Any = self.fields["group"]
        group.queryset = groups
        if needs_group:
            group.required, group.empty_label = True, None
            group.error_messages["required"] = _("Choose a group. You see only the runners of your groups.")
        elif not groups:
            del self.fields["group"]
        now = self.initial.get("columns", [])
        for column in range(width):
            initial = now[column] if column < len(now) else ""
            self.fields[f"column_{column}"] = forms.ChoiceField(
                choices=list(MEANINGS.items()), required=False, initial=initial
            )
        self.width = width

    @property
    def meanings(self) -> list[str]:
        return [self.cleaned_data.get(f"column_{column}", "") for column in range(self.width)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = [meaning for meaning in self.meanings if meaning]
        for meaning in sorted({one for one in chosen if chosen.count(one) > 1}):
            text = _("Two columns mean “%(meaning)s”. Choose one of them.")
            self.add_error(None, forms.ValidationError(text, params={"meaning": MEANINGS[meaning]}))
        return given
