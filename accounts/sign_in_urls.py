"""Which pages of the sign-in library there are: those with a use here, so that an upgrade brings no others.

Left out are a person's own list of e-mail addresses and its confirmations (who came in by an address is known by it),
codes by mail instead of a password, and ties to accounts elsewhere beyond single sign-on.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.socialaccount import views as elsewhere
from django.urls import include, path, re_path

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),  # says that nobody signs up alone
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("3rdparty/login/cancelled/", elsewhere.login_cancelled, name="socialaccount_login_cancelled"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
