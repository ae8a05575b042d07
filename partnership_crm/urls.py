from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("clients.urls")),
    path("", include("promises.urls")),
    path("", include("partnerships.urls")),
    path("", include("surveys.urls")),
    path("", include("accounts.urls")),
    path("", include("outbox.urls")),
    path("accounts/", include("accounts.sign_in_urls")),
]

if settings.MAILBOX:
    urlpatterns.append(path("mailbox/", include("outbox.mailbox_urls")))

handler404 = "accounts.public_views.not_found"
handler500 = "accounts.public_views.server_error"
