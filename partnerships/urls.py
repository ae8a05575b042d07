from django.urls import path

from partnerships import celebration_views, concern_views, public_views, step_views, suggestion_views

urlpatterns = [
    path("c/<str:token>/", public_views.cleared_up, name="cleared"),
    path("concerns/", concern_views.concerns, name="concerns"),
    path("concerns/export/", concern_views.concerns_export, name="concerns_export"),
    path("clients/<slug:client_id>/concern/", concern_views.concern_new, name="concern_new"),
    path("concerns/<slug:concern_id>/", concern_views.concern, name="concern"),
    path("concerns/<slug:concern_id>/edit/", concern_views.concern_edit, name="concern_edit"),
    path("concerns/<slug:concern_id>/brief/", concern_views.concern_brief, name="concern_brief"),
    path("concerns/<slug:concern_id>/talk/", step_views.concern_talk, name="concern_talk"),
    path("concerns/<slug:concern_id>/talk/off/", step_views.concern_talk_off, name="concern_talk_off"),
    path("concerns/<slug:concern_id>/contacted/", step_views.concern_contacted, name="concern_contacted"),
    path("concerns/<slug:concern_id>/hold/", step_views.concern_hold, name="concern_hold"),
    path("concerns/<slug:concern_id>/resolve/", step_views.concern_resolve, name="concern_resolve"),
    path("concerns/<slug:concern_id>/reopen/", step_views.concern_reopen, name="concern_reopen"),
    path("celebrations/", celebration_views.celebration_list, name="celebrations"),
    path("celebrations/<slug:celebration_id>/undo/", celebration_views.celebration_undo, name="celebration_undo"),
    path("clients/<slug:client_id>/celebrate/<slug:key>/", celebration_views.celebration_said, name="celebration_said"),
    path(
        "clients/<slug:client_id>/celebrate/<slug:key>/let-go/",
        celebration_views.celebration_let_go,
        name="celebration_let_go",
    ),
    path("suggestions/", suggestion_views.suggestions, name="suggestions"),
    path("clients/<slug:client_id>/suggestion/", suggestion_views.suggestion_new, name="suggestion_new"),
    path("suggestions/<slug:suggestion_id>/", suggestion_views.suggestion, name="suggestion"),
    path("suggestions/<slug:suggestion_id>/accept/", suggestion_views.suggestion_accept, name="suggestion_accept"),
    path("suggestions/<slug:suggestion_id>/decline/", suggestion_views.suggestion_decline, name="suggestion_decline"),
    path("suggestions/<slug:suggestion_id>/done/", suggestion_views.suggestion_done, name="suggestion_done"),
    path("suggestions/<slug:suggestion_id>/undo/", suggestion_views.suggestion_undo, name="suggestion_undo"),
]
