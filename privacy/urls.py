from __future__ import annotations

from django.urls import path

from privacy.views import asking, consents, erasing, keeping, organization, runner, words

app_name = "privacy"
urlpatterns = [
    path("privacy/", organization.rules, name="rules"),
    path("privacy/keeping/", keeping.keeping, name="keeping"),
    path("privacy/keeping/what-goes/", keeping.what_goes, name="what_goes"),
    path("settings/consent-texts/", words.words, name="words"),
    path("privacy/runners/<uuid:code>/", runner.runner, name="runner"),
    path("privacy/runners/<uuid:code>/house/", runner.local_only, name="local_only"),
    path("privacy/runners/<uuid:code>/consent/", consents.add, name="add_consent"),
    path("privacy/runners/<uuid:code>/ask/", consents.ask, name="ask"),
    path("privacy/runners/<uuid:code>/export/", runner.export, name="export"),
    path("privacy/runners/<uuid:code>/erase/", erasing.erase, name="erase"),
    path("privacy/consents/<uuid:code>/end/", consents.end, name="end_consent"),
    path("privacy/consents/<uuid:code>/scan/", consents.scan, name="consent_scan"),
    path("privacy/erased/<uuid:code>/", erasing.erased, name="erased"),
    path("privacy/erased/<uuid:code>/asked/", erasing.asked, name="erased_asked"),
    path("consent/<str:token>/", asking.answer, name="answer"),
]
