from django.urls import path

from dashboard import find_views, my_day_views, overview_views, public_views, settled, status_views

urlpatterns = [
    path("", my_day_views.my_day_page, name="my_day"),
    path("day/settled/", settled.settled_page, name="my_day_settled"),
    path("find/", find_views.find, name="find"),
    path("overview/", overview_views.overview, name="overview"),
    path("healthz", public_views.healthz, name="healthz"),
    path("readyz", public_views.readyz, name="readyz"),
    path("settings/status/", status_views.status_page, name="status"),
]
