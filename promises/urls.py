from django.urls import path

from promises import (
    alerts_views,
    capture_views,
    feed_views,
    figures_views,
    import_views,
    letter_views,
    list_views,
    public_views,
    snooze_views,
    views,
)
from promises.acts import ACTS

urlpatterns = [
    path("promises/", list_views.promise_list, name="promises"),
    path("promises/export.csv", list_views.promise_export, name="promises_export"),
    path("import/promises/", import_views.import_promises, name="import_promises"),
    path("import/promises/<uuid:uuid>/", import_views.import_promises_file, name="import_promises_file"),
    path("promises/figures/", figures_views.promise_figures, name="promise_figures"),
    path("promises/new/", capture_views.promise_new, name="promise_new"),
    path("promises/new/read/", capture_views.promise_read, name="promise_read"),
    path("promises/new/details/", capture_views.promise_details, name="promise_details"),
    path("promises/alerts/", alerts_views.promise_alerts, name="promise_alerts"),
    path("profile/calendar/", feed_views.calendar, name="calendar"),
    path("profile/calendar/make/", feed_views.calendar_make, name="calendar_make"),
    path("profile/calendar/revoke/", feed_views.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:token>.ics", feed_views.calendar_ics, name="calendar_ics"),
    path("promises/<str:public_id>/", views.promise_page, name="promise"),
    path("promises/<str:public_id>/edit/", views.promise_edit, name="promise_edit"),
    path("promises/<str:public_id>/renegotiate/", views.promise_renegotiate, name="promise_renegotiate"),
    path("promises/<str:public_id>/renegotiate/line/", views.renegotiate_line, name="promise_line"),
    path("promises/<str:public_id>/keep/", views.promise_keep, name="promise_keep"),
    path("promises/<str:public_id>/undo/", views.promise_undo, name="promise_undo"),
    path("promises/<str:public_id>/slip/", capture_views.promise_slip, name="promise_slip"),
    path("promises/<str:public_id>/snooze/", snooze_views.promise_snooze, name="promise_snooze"),
    path("promises/<str:public_id>/wake/", snooze_views.promise_wake, name="promise_wake"),
    *[
        path(
            f"promises/<str:public_id>/{name}/",
            views.promise_act,
            {"act": name},
            name=f"promise_{name.replace('-', '_')}",
        )
        for name in ACTS
    ],
    path("promises/<str:public_id>/letter/<str:kind>/", letter_views.promise_letter, name="promise_letter"),
    path("letters/", letter_views.letters_page, name="letters"),
    path("letters/client/<str:client_id>/", letter_views.client_letter, name="client_letter"),
    path("letters/person/<str:person_id>/", letter_views.person_letter, name="person_letter"),
    path("letters/<str:public_id>/", letter_views.letter, name="letter"),
    path("letters/<str:public_id>/send/", letter_views.letter_send, name="letter_send"),
    path("letters/<str:public_id>/drop/", letter_views.letter_drop, name="letter_drop"),
    path("letters/<str:public_id>/take-back/", letter_views.letter_take_back, name="letter_take_back"),
    path("letters/<str:public_id>/revoke/", letter_views.letter_revoke, name="letter_revoke"),
    path("p/<str:token>/", public_views.promise_public, name="promise_public"),
    path("p/<str:token>/<str:promise_id>/<str:act>/", public_views.promise_public_act, name="promise_public_act"),
]
