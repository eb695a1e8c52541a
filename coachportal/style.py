"""/style/: every component in every state, for whoever changes one. Only with DEBUG."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from analyses.gauges import gauge
from analyses.progress import Step

app_name = "style"
TOKENS = (
    *("page", "surface", "sunken", "line", "ink", "ink-2", "ink-3", "accent", "accent-soft"),
    *("good", "good-soft", "okay", "okay-soft", "bad", "bad-soft", "left", "right", "film"),
)


class Sample(forms.Form):
    name = forms.CharField(label="A field", help_text="With a sentence of help.")
    wrong = forms.FloatField(label="A field with an error", required=False)
    choice = forms.ChoiceField(label="A choice", choices=[("one", "One"), ("two", "Two")])
    text = forms.CharField(label="A longer text", widget=forms.Textarea(attrs={"rows": 2}), required=False)


def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    for say in (messages.info, messages.success, messages.warning, messages.error):
        say(request, "What happened, what was kept, what to do.")
    shown = {
        "form": Sample({"name": "Typed", "wrong": "1e999", "choice": "two"}),
        "gauges": [
            ("good", gauge(168, 1, (162, 186), (154, 196))),
            ("okay", gauge(158, 1, (162, 186), (154, 196))),
            ("bad", gauge(140, 6, (162, 186), (154, 196))),
        ],
        "steps": [Step("Film uploaded", "done"), Step("Measuring", "now", 45), Step("Drawing the film", "next")],
        "verdicts": ("good", "okay", "bad", "unknown"),
        "tokens": TOKENS,
    }
    return render(request, "style.html", shown)


urlpatterns = [path("style/", style, name="page")]
