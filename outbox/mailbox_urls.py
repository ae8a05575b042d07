"""The mailbox: part of the addresses only where settings.MAILBOX is on."""

from django.urls import path

from outbox import public_views

urlpatterns = [
    path("", public_views.mailbox_list, name="mailbox"),
    path("clear/", public_views.mailbox_clear, name="mailbox_clear"),
    path("<str:name>/", public_views.mailbox_list, name="mailbox_mail"),
    path("<str:name>/html/", public_views.mailbox_html, name="mailbox_html"),
    path("<str:name>/raw/", public_views.mailbox_raw, name="mailbox_raw"),
]
