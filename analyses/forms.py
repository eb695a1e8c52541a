"""What is typed to order an analysis, and to choose who measures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.access import MemberRequest
from accounts.models import Organization, Units
from accounts.names import NameField
from accounts.scoping import OrgOwnedQuerySet
from accounts.units import typed_pace
from analyses.models import Analysis, Drift, ProviderAccount
from analyses.pace import read_pace
from clips.models import Clip
from subjects.forms import HeightField, WeightField
from subjects.models import Group, Subject

NEW = "new"
BELT, OVER_GROUND = "1", "0"
NO_GROUP_YET = _("You are in no group yet. Ask an admin to put you into one.")


def pace_missing(units: str) -> Any:
    """The sentence for a belt whose pace nobody typed."""
    if units == Units.IMPERIAL:
        return _("Type the pace of the belt: 8:51, or 6.8 mph.")
    return _("Type the pace of the belt: 5:30, or 10.9 km/h.")


class PaceField(forms.CharField):
    """Seconds per km, typed as minutes and seconds or as the belt's speed, in the units of who types it."""

    units: str = Units.METRIC

    def follow(self, units: str) -> None:
        self.units = units
        if units == Units.IMPERIAL:
            self.help_text = _("As 8:51 per mile, or as the belt shows it: 6.8 mph.")
            self.widget.attrs["placeholder"] = "8:51"

    def prepare_value(self, value: Any) -> Any:
        return typed_pace(value, self.units) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        seconds = read_pace(typed, self.units)
        if seconds is None and self.units == Units.IMPERIAL:
            raise forms.ValidationError(_("Write the pace as 8:51, or the speed as 6.8 mph."))
        if seconds is None:
            raise forms.ValidationError(_("Write the pace as 5:30, or the speed as 10.9 km/h."))
        return seconds


class HabitForm(forms.Form):
    """How somebody films: from where, on what, how fast."""

    view = forms.ChoiceField(
        label=_("Filmed from"), choices=Analysis.View.choices, initial=Analysis.View.SIDE, widget=forms.RadioSelect
    )
    treadmill = forms.ChoiceField(
        label=_("Surface"),
        choices=[(OVER_GROUND, _("Over ground")), (BELT, _("Treadmill"))],
        initial=OVER_GROUND,
        widget=forms.RadioSelect,
    )
    pace = PaceField(
        label=_("Pace of the belt"),
        required=False,
        help_text=_("As 5:30 per km, or as the belt shows it: 10.9 km/h."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "5:30"}),
    )

    def __init__(self, *args: Any, units: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = units
        self.fields["pace"].follow(units)  # type: ignore[attr-defined]


class OrderForm(HabitForm):
    """A film, whose it is, and how it was filmed. `runners` and `films` are those this member may choose from."""

    clip = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": _("Choose a film first."), "invalid": _("Choose a film first.")},
    )
    runner = forms.CharField(error_messages={"required": _("Choose a runner, or type a new name.")})
    new_name = NameField(max_length=120, required=False)
    height_m = HeightField(label=_("Height"), required=False)
    weight_kg = WeightField(label=_("Weight"), required=False)
    # The code of the film whose warnings somebody accepted; another film asks anew.
    accepted = forms.CharField(required=False)
    group: Any = forms.ModelChoiceField(
        label=_("New runners go into"), queryset=None, to_field_name="code", required=False, empty_label=None
    )

    def __init__(
        self,
        *args: Any,
        runners: OrgOwnedQuerySet[Subject],
        films: OrgOwnedQuerySet[Clip],
        groups: OrgOwnedQuerySet[Group] | None = None,
        needs_group: bool = False,
        **kwargs: Any,
    ) -> None:
        """With `groups` a new runner may go into one of them, and has to with `needs_group`: of a coach's own."""
        super().__init__(*args, **kwargs)
        self.fields["height_m"].follow(self.units)  # type: ignore[attr-defined]
        self.fields["weight_kg"].follow(self.units)  # type: ignore[attr-defined]
        self.runners = runners
        self.films = films
        self.groups = groups
        self.needs_group = needs_group
        if groups is None:
            del self.fields["group"]
        else:
            group: Any = self.fields["group"]
            group.queryset, group.empty_label = groups, None if needs_group else _("no group")

    def clean_clip(self) -> Clip:
        clip = self.films.filter(code=self.cleaned_data["clip"], status=Clip.Status.PROBED).first()
        if clip is None:
            raise forms.ValidationError(_("This film is no longer here. Choose it again."))
        return clip

    def clean_runner(self) -> Subject | None:
        """Return the chosen runner, None for a new one."""
        chosen = self.cleaned_data["runner"]
        if chosen == NEW:
            return None
        code = forms.UUIDField(required=False)
        try:
            subject = self.runners.filter(code=code.clean(chosen)).first()
        except forms.ValidationError:
            subject = None
        if subject is None:
            raise forms.ValidationError(_("Choose a runner, or type a new name."))
        return subject

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("runner", NEW) is None and not given.get("new_name", "").strip():
            self.add_error("runner", _("Choose a runner, or type a new name."))
        if given.get("runner", NEW) is None and self.needs_group and not self.groups:
            self.add_error("runner", NO_GROUP_YET)
        if given.get("treadmill") == BELT and given.get("pace") is None and "pace" not in self.errors:
            self.add_error("pace", pace_missing(self.units))
        return given

    @property
    def ticked(self) -> bool:
        return bool(self.cleaned_data["accepted"] == str(self.cleaned_data["clip"].code))

    def save_runner(self, organization: Organization) -> Subject:
        """Return the runner, made where new, with the height and weight that were typed."""
        given = self.cleaned_data
        subject: Subject = given["runner"] or Subject(organization=organization, name=given["new_name"].strip())
        before = (subject.pk, subject.height_m, subject.weight_kg)
        subject.height_m = self._unless_the_same("height_m", subject.height_m)
        subject.weight_kg = self._unless_the_same("weight_kg", subject.weight_kg)
        if subject.pk is None or before != (subject.pk, subject.height_m, subject.weight_kg):
            subject.save()
        return subject

    def _unless_the_same(self, name: str, known: float | None) -> float | None:
        """Return what was typed; what reads as the known value does is that value, for the page filled it in."""
        field: Any = self.fields[name]
        typed: float | None = self.cleaned_data[name]
        return typed if typed and (known is None or field.write(typed) != field.write(known)) else known


class ServiceForm(forms.Form):
    """Who measures, and the key for it; the key is never shown again."""

    kind = forms.ChoiceField(label=_("Who measures"), choices=ProviderAccount.Kind.choices, widget=forms.RadioSelect)
    key = forms.CharField(
        label=_("Key"),
        max_length=200,
        required=False,
        help_text=_("Leave it empty to keep the key there is. It is stored encrypted and never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    only_key = forms.BooleanField(label=_("Keep the key only; who measures stays as it is"), required=False)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip()
        if any(not sign.isprintable() or sign.isspace() for sign in key):
            raise forms.ValidationError(_("A key has no spaces in it. Copy it once more."))
        return key


class ExceptionForm(forms.Form):
    """Who measures one runner or one group; the empty choice is whoever `usually` does."""

    kind = forms.ChoiceField(label=_("Who measures"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, usually: ProviderAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [
            ("", _("As usual: %(service)s") % {"service": usually}),
            *ProviderAccount.Kind.choices,
        ]


class SettleForm(forms.Form):
    """What to do about one difference between our books and a service's, and for which runner."""

    do = forms.ChoiceField(choices=[("take", "take"), ("leave", "leave")], widget=forms.HiddenInput)
    name = NameField(label=_("Runner"), max_length=120, required=False)

    def __init__(self, *args: Any, request: MemberRequest, drift: Drift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{drift.code}_%s"
        self.request, self.drift = request, drift

    def clean(self) -> dict[str, Any]:
        """Find the runner by name; `runner` is None for a new one, which only an unknown runner may become."""
        given = super().clean() or {}
        asks_for_one = self.drift.kind in (Drift.Kind.RUNNER_UNKNOWN, Drift.Kind.ANALYSIS_UNKNOWN)
        if given.get("do") != "take" or not asks_for_one:
            return given
        name = given.get("name", "").strip()
        found = list(access.rows(self.request, Subject).filter(archived_at=None, name__iexact=name)[:2])
        if not name:
            raise forms.ValidationError(_("Say whose it is: type the runner’s name."))
        if len(found) > 1:
            text = _("There are several runners of this name. Give one of them another name first.")
            raise forms.ValidationError(text)
        if not found and self.drift.kind == Drift.Kind.ANALYSIS_UNKNOWN:
            raise forms.ValidationError(_("There is no runner of this name. Add the runner first."))
        return {**given, "runner": found[0] if found else None}
