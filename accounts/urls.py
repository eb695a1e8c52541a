from django.urls import path

from accounts.views import joining, members, record, settings, you

app_name = "accounts"
urlpatterns = [
    path("settings/", settings.index, name="settings"),
    path("settings/organization/", settings.organization, name="organization"),
    path("settings/alerts/", settings.alert_addresses, name="alerts"),
    path("settings/alerts/test/", settings.test_alerts, name="test_alerts"),
    path("members/", members.members, name="members"),
    path("members/invite/", joining.invite, name="invite"),
    path("members/invitations/<uuid:code>/again/", joining.invite_again, name="invite_again"),
    path("members/invitations/<uuid:code>/withdraw/", joining.withdraw, name="withdraw"),
    path("members/second-factor/", members.second_factor, name="second_factor"),
    path("members/leave/", members.leave, name="leave"),
    path("members/audit/", record.audit, name="audit"),
    path("members/audit.csv", record.audit_csv, name="audit_csv"),
    path("members/<int:pk>/role/", members.change_role, name="change_role"),
    path("members/<int:pk>/suspend/", members.suspend, name="suspend"),
    path("members/<int:pk>/readmit/", members.readmit, name="readmit"),
    path("members/<int:pk>/remove/", members.remove_member, name="remove_member"),
    path("join/<str:token>/", joining.join, name="join"),
    path("you/", you.you, name="you"),
    path("switch/<uuid:code>/", you.switch, name="switch"),
]
