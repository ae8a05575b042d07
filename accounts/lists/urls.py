from django.urls import path

from accounts.lists import act_views, view_views, views

urlpatterns = [
    path("lists/acts/", act_views.list_acts, name="list_acts"),
    path("lists/acts/<uuid:uuid>/", act_views.list_act, name="list_act"),
    path("lists/acts/<uuid:uuid>/undo/", act_views.list_undo, name="list_undo"),
    path("lists/<slug:page>/columns/", views.list_columns, name="list_columns"),
    path("lists/<slug:page>/export/", views.list_export, name="list_export"),
    path("lists/<slug:page>/export/<slug:ending>/", views.list_file, name="list_file"),
    path("lists/<slug:page>/do/<slug:act>/", act_views.list_do, name="list_do"),
    path("lists/<slug:page>/views/new/", view_views.view_new, name="saved_view_new"),
    path("lists/<slug:page>/views/restore/", view_views.view_restore, name="saved_view_restore"),
    path("lists/<slug:page>/views/<int:pk>/", view_views.view_edit, name="saved_view"),
    path("lists/<slug:page>/views/<int:pk>/delete/", view_views.view_delete, name="saved_view_delete"),
]
