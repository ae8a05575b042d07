"""The parts of allauth we use, under its own names; everything else of it has no address here."""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import sign_in_views

urlpatterns = [
    path("login/", sign_in_views.SignIn.as_view(), name="account_login"),
    path("logout/", sign_in_views.SignOut.as_view(), name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("password/change/", sign_in_views.ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", sign_in_views.AskForPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/<slug:public_id>/<slug:token>/",
        sign_in_views.choose_password,
        name="account_reset_password_from_key",
    ),
]
