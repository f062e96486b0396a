"""Every address of the pages."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from panout.web import health

urlpatterns = [
    path("health/alive", health.alive),
    path("health/ready", health.ready),
    path("metrics", health.metrics),
    path("account/", include("allauth.account.urls")),
    path("account/two-step/", include("allauth.mfa.urls")),
    path("sign-in", account.login, name="sign_in"),
]
