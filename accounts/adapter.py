"""What the sign-in library asks us: nobody makes an account alone, and single sign-on lets in only who is known."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts import actions, sign_in_mail
from accounts.manner import manner_at_home
from accounts.models import User
from accounts.names import shown

log = structlog.get_logger(__name__)


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody opens an account alone: an admin of an organisation adds its people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to a person in their own language, whoever asked for the mail on whatever device."""
        with override(manner_at_home(context["user"], browser=get_language() or "").language):
            subject, text = sign_in_mail.write(template_prefix, context)
        try:
            send_mail(subject, text, None, [email])
        except (SMTPException, OSError) as error:
            # What changed has changed already; and no error may tell a stranger whose address is known here.
            log.error("sign_in_mail_not_sent", mail=template_prefix, error=type(error).__name__)


class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on: the other service proves whose an e-mail address is; members and invited people may come in.

    It replaces the password alone: a second factor somebody has set up is asked for all the same.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person behind a proven address. Raises ImmediateHttpResponse with the reason for a refusal."""
        email = _proven_address(sociallogin)
        if not email:
            text = _("%(service)s does not say that your e-mail address was checked. Ask whoever runs it.")
            raise _refused(request, text % {"service": settings.OIDC_NAME})
        user = sociallogin.user if sociallogin.is_existing else User.objects.filter(email__iexact=email).first()
        if sociallogin.state.get("process") == "connect" and user != request.user:
            text = _("%(email)s is not the address of your account here.")
            raise _refused(request, text % {"email": email})
        if user is None or not user.memberships.exists():
            user = actions.join_by_address(email=email, name=_name(sociallogin), user=user)
        if user is None:
            text = _(
                "%(email)s is neither a member here nor invited. Ask an admin of your organisation for an invitation."
            )
            raise _refused(request, text % {"email": email})
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return str(settings.LOGIN_REDIRECT_URL)


def _proven_address(sociallogin: SocialLogin) -> str:
    """Return the address the service has checked, empty where it has not."""
    # Some services write the word instead of the sign.
    said = [one for one in sociallogin.email_addresses if one.verified in (True, "true")]
    return said[0].email.lower() if said else ""


def _name(sociallogin: SocialLogin) -> str:
    told: dict[str, Any] = sociallogin.account.get_provider_account().get_user_data() or {}
    return shown(str(told.get("name") or ""))[:120]


def _refused(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "accounts/not_let_in.html", {"sentence": sentence}, status=403))
