from django.conf import settings
from django.urls import path

from accounts import history, import_views, kit, people_views, views
from accounts.jobs import views as job_views
from accounts.lists.urls import urlpatterns as list_urls

urlpatterns = [
    path("history/<slug:kind>/<slug:public_id>/", history.history, name="history"),
    path("profile/", views.profile, name="profile"),
    path("profile/absences/", views.absence_new, name="absence_new"),
    path("profile/absences/<int:pk>/remove/", views.absence_remove, name="absence_remove"),
    path("profile/mail-in/", views.mail_in_address, name="mail_in_address"),
    path("profile/mail-addresses/", views.mail_addresses, name="mail_addresses"),
    path("profile/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
    path("settings/people/", people_views.people, name="people"),
    path("settings/people/invite/", people_views.person_invite, name="person_invite"),
    path("settings/people/<slug:public_id>/", people_views.person, name="person"),
    path("settings/people/<slug:public_id>/invite/", people_views.person_invite_again, name="person_invite_again"),
    path("settings/people/<slug:public_id>/leave/", people_views.person_leave, name="person_leave"),
    path("settings/people/<slug:public_id>/back/", people_views.person_back, name="person_back"),
    path("import/people/", import_views.import_people, name="import_people"),
    path("import/people/<uuid:uuid>/", import_views.import_people_file, name="import_people_file"),
    path("jobs/", job_views.job_list, name="jobs"),
    path("jobs/<uuid:uuid>/", job_views.job, name="job"),
    path("jobs/<uuid:uuid>/again/", job_views.job_again, name="job_again"),
    path("jobs/<uuid:uuid>/stop/", job_views.job_stop, name="job_stop"),
    path("exports/", job_views.exports, name="exports"),
    path("exports/<uuid:uuid>/", job_views.export_file, name="export_file"),
    *list_urls,
]

if settings.DEBUG or settings.EMBEDDED:
    urlpatterns += [
        path("_kit/", kit.kit, name="kit"),
        path("_kit/client/", kit.kit_client, name="kit_client"),
        path("_kit/save/", kit.kit_save, name="kit_save"),
    ]
