"""What is typed about consent, by the house and by runners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.names import NameField
from privacy.actions import Use, uses
from privacy.scans import MAX_BYTES, NotAScan, Scan, read_scan
from privacy.wording import SERVICE, Words, newest_of, shipped_text
from subjects.models import Consent

KEPT_MONTHS = (1, 3, 6, 12, 24, 36, 60, 120)


class RulesForm(forms.Form):
    consent_for = forms.ChoiceField(
        label=_("Consent is asked for"), choices=Organization.ConsentFor.choices, widget=forms.RadioSelect
    )
    consent_age = forms.IntegerField(
        label=_("Runners agree for themselves from the age of"),
        min_value=13,
        max_value=21,
        help_text=_("Younger ones need a parent or guardian. 16 unless your country says less."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def _lengths() -> list[tuple[str, str]]:
    months = [(str(n), ngettext("%(n)s month", "%(n)s months", n) % {"n": n}) for n in KEPT_MONTHS]
    return [("", gettext("For ever")), *months]


class LengthField(forms.TypedChoiceField):
    """So many months; None: for ever."""

    def __init__(self, **words: Any) -> None:
        super().__init__(choices=_lengths, coerce=int, empty_value=None, required=False, **words)


class KeepingForm(forms.Form):
    """How long films, copies and numbers are kept, in months; empty: for ever."""

    originals_months = LengthField(
        label=_("Films as they came"),
        help_text=_("What was uploaded. It is needed to measure a film again."),
    )
    copies_months = LengthField(
        label=_("Copies to look at"),
        help_text=_("What the player shows, stills, and films that were drawn on."),
    )
    numbers_months = LengthField(
        label=_("Numbers"),
        help_text=_("Results with their key points, and the reports made of them."),
    )
    sure = forms.BooleanField(label=_("Remove these for good"), required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        films = (given.get("originals_months"), given.get("copies_months"))
        numbers = given.get("numbers_months")
        if numbers is not None and any(one is None or one > numbers for one in films):
            self.add_error("numbers_months", _("Keep the numbers at least as long as the films."))
        return given

    @property
    def times(self) -> dict[str, int | None]:
        return {name: given for name, given in self.cleaned_data.items() if name.endswith("_months")}


def _choices() -> list[tuple[str, str]]:
    return [(use.word, use.label) for use in uses()]


class GiverForm(forms.Form):
    """Who agrees: the runner, or a guardian with a name."""

    giver = forms.ChoiceField(label=_("Who agrees"), choices=Consent.Giver.choices, widget=forms.RadioSelect)
    giver_name = NameField(
        label=_("Name of the parent or guardian"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("giver") == Consent.Giver.GUARDIAN and not given.get("giver_name", "").strip():
            self.add_error("giver_name", _("Type the name of the parent or guardian."))
        if given.get("giver") == Consent.Giver.RUNNER:
            given["giver_name"] = ""
        return given


class PaperForm(GiverForm):
    """A consent signed on paper."""

    purposes = forms.MultipleChoiceField(label=_("What they agreed to"), widget=forms.CheckboxSelectMultiple)
    given_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"}))
    scan = forms.FileField(
        label=_("Scan or photograph"),
        required=False,
        help_text=_("A PDF, JPEG or PNG of 10 MB at most."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    field_order = ["purposes", "giver", "giver_name", "given_on", "scan"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].choices = _choices()  # type: ignore[attr-defined]
        self.fields["given_on"].initial = timezone.localdate().isoformat()

    def clean_given_on(self) -> Any:
        day = self.cleaned_data["given_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean_scan(self) -> Scan | None:
        file: UploadedFile[Any] | None = self.cleaned_data["scan"]
        if file is None:
            return None
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 10 MB. Scan it with fewer dots, or photograph it."))
        try:
            return read_scan(file.read())
        except NotAScan as error:
            raise forms.ValidationError(_("This is neither a PDF nor a JPEG or PNG picture.")) from error


class AskForm(forms.Form):
    """What a runner is asked on their own phone."""

    purposes = forms.MultipleChoiceField(label=_("Ask about"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language of the page"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].choices = _choices()  # type: ignore[attr-defined]


class AnswerForm(GiverForm):
    """A runner's own yes or no to each use, in the `words` of that use."""

    def __init__(
        self, *args: Any, asked: list[Use], words: dict[str, Words], stands: dict[str, bool | None], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.words = asked, words
        # Sent along with the answers: they count for the words that were read, and for no others.
        self.read = " ".join(words[use.word].version for use in asked)
        for use in asked:
            said = stands.get(use.word)
            self.fields[use.word] = forms.ChoiceField(
                label=words[use.word].text,
                choices=[("yes", _("I agree")), ("no", _("I do not agree"))],
                initial={True: "yes", False: "no", None: ""}[said],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one of the two.")},
            )
        self.order_fields([*(use.word for use in asked), "giver", "giver_name"])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.data.get("read") != self.read:
            text = _("The words have changed since you opened this page. Read them once more, then keep your answers.")
            raise forms.ValidationError(text)
        return given

    @property
    def questions(self) -> list[Any]:
        return [self[use.word] for use in self.asked]

    @property
    def answers(self) -> dict[str, bool]:
        return {use.word: self.cleaned_data[use.word] == "yes" for use in self.asked}


class WordsForm(forms.Form):
    """The words of each purpose in one language; left empty, the shipped ones count."""

    def __init__(self, *args: Any, organization: Organization, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose, label in Consent.Purpose.choices:
            shipped, own = shipped_text(purpose, language), newest_of(organization, purpose, language)
            field = forms.CharField(
                label=label,
                required=False,
                max_length=2000,
                initial=own.text if own and own.text else shipped,
                help_text=_("[service] stands for the name of the outside service.") if SERVICE in shipped else "",
                widget=forms.Textarea(attrs={"rows": 4, "lang": language}),
            )
            field.own = own if own and own.text else None  # type: ignore[attr-defined]
            field.shipped = shipped  # type: ignore[attr-defined]
            self.fields[purpose] = field

    def clean_outside(self) -> str:
        text: str = self.cleaned_data["outside"]
        if text and SERVICE not in text:
            raise forms.ValidationError(
                _("Keep [service] in this text: the runner has to know which service it is about.")
            )
        return text
