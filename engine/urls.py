"""The addresses of the measuring server: the contract's own, media, description, and the test controls if on."""

from django.urls import URLPattern, path

from engine import control, http, media, settings, views
from engine.control import disturb
from engine.http import operations


def at(address: str, **by: http.Handler) -> URLPattern:
    """One path of the contract with its operations by method."""
    return path(address, operations(disturb, **by))


def undisturbed(address: str, **by: http.Handler) -> URLPattern:
    """One path of the test controls, which no fault may hit."""
    return path(f"__control/{address}", operations(lambda request, name, call: call(), **by))


urlpatterns = [
    at("analysis/start", POST=views.start_analysis),
    at("analysis", GET=views.list_analyses),
    at("analysis/<str:analysis_id>/results", GET=views.get_analysis_results),
    at("analysis/<str:analysis_id>/results/calculated_data", GET=views.get_calculated_data),
    at("analysis/<str:analysis_id>/results/raw_data", GET=views.get_raw_data),
    at("subjects", GET=views.list_subjects, POST=views.create_subject),
    at("subjects/<str:subject_id>", GET=views.get_subject, PUT=views.update_subject),
    at("subjects/<str:subject_id>/delete", POST=views.delete_subject),
    at("subjects/<str:subject_id>/analyses", GET=views.list_subject_analyses),
    at("webhook", GET=views.get_webhook, PUT=views.configure_webhook),
    path("media/<str:analysis_id>/<str:name>", media.media, name="media"),
    path("openapi.yaml", views.openapi),
    path("healthz", views.healthz),
]
if settings.CONTROL:
    urlpatterns += [
        undisturbed("switches", GET=control.switches_view, PUT=control.switches_view),
        undisturbed("credits", GET=control.credits_view, PUT=control.credits_view),
        undisturbed("faults", POST=control.faults_view, DELETE=control.faults_view),
        undisturbed("outcomes", POST=control.outcomes_view, DELETE=control.outcomes_view),
        undisturbed("webhook-test", POST=control.webhook_test_view),
        undisturbed("books", GET=control.books_view),
        undisturbed("reset", POST=control.reset_view),
    ]

handler400 = http.bad_request
handler404 = http.not_found
handler500 = http.server_error
