from django.urls import path

from outbox import hook_views, public_views, views

urlpatterns = [
    path("mail/trouble/", views.trouble, name="outbox_trouble"),
    path("mail/trouble/release/", views.release_held, name="outbox_release"),
    path("mail/trouble/<uuid:uuid>/", views.mail, name="outbox_mail"),
    path("mail/trouble/<uuid:uuid>/again/", views.send_again, name="outbox_send_again"),
    path("mail/trouble/<uuid:uuid>/dismiss/", views.dismiss, name="outbox_dismiss"),
    path("mail/trouble/<uuid:uuid>/dismiss/undo/", views.undo_dismiss, name="outbox_undo_dismiss"),
    path("hooks/mail/", hook_views.mail_hook, name="mail_hook"),
    path("hooks/mail/<str:provider>/", hook_views.mail_hook, name="mail_hook_of"),
    path("u/<str:token>/", public_views.unsubscribe, name="unsubscribe"),
]
