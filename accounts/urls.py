from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("members/", views.members, name="members"),
    path("members/add/", views.add_member, name="add_member"),
    path("members/audit/", views.audit, name="audit"),
    path("members/audit.csv", views.audit_csv, name="audit_csv"),
    path("members/<int:pk>/role/", views.change_role, name="change_role"),
    path("members/<int:pk>/remove/", views.remove_member, name="remove_member"),
    path("switch/<uuid:code>/", views.switch, name="switch"),
]
