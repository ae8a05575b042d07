from django.urls import path

from clients.requests import figures_views, list_views, views

urlpatterns = [
    path("", list_views.request_list, name="requests"),
    path("export.csv", list_views.requests_csv, name="requests_csv"),
    path("export.xlsx", list_views.requests_xlsx, name="requests_xlsx"),
    path("figures/", figures_views.request_figures, name="request_figures"),
    path("new/", views.request_new, name="request_new"),
    path("<slug:public_id>/", views.request_page, name="request"),
    path("<slug:public_id>/edit/", views.request_edit, name="request_edit"),
    path("<slug:public_id>/answered/", views.request_answered, name="request_answered"),
    path("<slug:public_id>/answer/", views.request_answer, name="request_answer"),
    path("<slug:public_id>/no-reply/", views.request_no_reply, name="request_no_reply"),
    path("<slug:public_id>/again/", views.request_again, name="request_again"),
    path("<slug:public_id>/reopen/", views.request_reopen, name="request_reopen"),
    path("<slug:public_id>/hand-over/", views.request_hand_over, name="request_hand_over"),
    path("<slug:public_id>/remove/", views.request_remove, name="request_remove"),
    path("<slug:public_id>/restore/", views.request_restore, name="request_restore"),
]
