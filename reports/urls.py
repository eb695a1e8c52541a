from __future__ import annotations

from django.urls import path

from reports.views import documents, exports, links, look, shared, statement

app_name = "reports"
urlpatterns = [
    path("reports/", documents.documents, name="list"),
    path("reports/new/<uuid:code>/", documents.new, name="new"),
    path("reports/<uuid:code>/", documents.file, name="file"),
    path("reports/<uuid:code>/delete/", documents.delete, name="delete"),
    path("reports/links/", links.links, name="links"),
    path("reports/links/<uuid:code>/", links.link, name="link"),
    path("reports/links/<uuid:code>/end/", links.end_link, name="end_link"),
    path("reports/share/<uuid:code>/", links.share, name="share"),
    path("reports/export/<uuid:code>/<slug:form>/", exports.export, name="export"),
    path("reports/history/<uuid:code>.csv", exports.history, name="history"),
    path("credits/statement.pdf", statement.statement, name="statement"),
    path("settings/look/", look.look, name="look"),
    path("settings/look/logo/", look.logo, name="logo"),
    path("settings/look/colour/", look.accent, name="accent"),
    path("settings/look/samples.css", look.try_out, name="look_samples"),
    path("s/<str:token>/", shared.page, name="shared"),
    path("s/<str:token>/look.css", shared.look, name="shared_look"),
    path("s/<str:token>/logo/", shared.logo, name="shared_logo"),
    path("s/<str:token>/<slug:which>/", shared.film, name="shared_film"),
]
