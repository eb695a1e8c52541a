from django.urls import path

from accounts import deciding, joining, views

app_name = "accounts"
urlpatterns = [
    path("settings/", deciding.index, name="settings"),
    path("settings/organization/", deciding.organization, name="organization"),
    path("settings/alerts/", deciding.alert_addresses, name="alerts"),
    path("settings/alerts/test/", deciding.test_alerts, name="test_alerts"),
    path("members/", views.members, name="members"),
    path("members/invite/", joining.invite, name="invite"),
    path("members/invitations/<uuid:code>/again/", joining.invite_again, name="invite_again"),
    path("members/invitations/<uuid:code>/withdraw/", joining.withdraw, name="withdraw"),
    path("members/second-factor/", views.second_factor, name="second_factor"),
    path("members/leave/", views.leave, name="leave"),
    path("members/audit/", views.audit, name="audit"),
    path("members/audit.csv", views.audit_csv, name="audit_csv"),
    path("members/<int:pk>/role/", views.change_role, name="change_role"),
    path("members/<int:pk>/suspend/", views.suspend, name="suspend"),
    path("members/<int:pk>/readmit/", views.readmit, name="readmit"),
    path("members/<int:pk>/remove/", views.remove_member, name="remove_member"),
    path("join/<str:token>/", joining.join, name="join"),
    path("you/", views.you, name="you"),
    path("switch/<uuid:code>/", views.switch, name="switch"),
]
