from django.urls import path

from partnerships import views

urlpatterns = [
    path("concerns/", views.concerns, name="concerns"),
    path("clients/<slug:client_id>/concern/", views.concern_new, name="concern_new"),
    path("concerns/<slug:concern_id>/", views.concern, name="concern"),
    path("concerns/<slug:concern_id>/talk/", views.concern_talk, name="concern_talk"),
    path("concerns/<slug:concern_id>/agreed/", views.concern_agreed, name="concern_agreed"),
    path("concerns/<slug:concern_id>/resolve/", views.concern_resolve, name="concern_resolve"),
    path("concerns/<slug:concern_id>/reopen/", views.concern_reopen, name="concern_reopen"),
]
