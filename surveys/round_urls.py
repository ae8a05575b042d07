"""Addresses of a round: setting it up, and what managers do with it."""

from django.urls import path

from surveys import check_step, managing_views, setup_views

urlpatterns = [
    path("new/", setup_views.survey_new, name="survey_new"),
    path("<str:public_id>/setup/<str:step>/", setup_views.survey_setup, name="survey_setup"),
    path("<str:public_id>/preview/", check_step.survey_preview, name="survey_preview"),
    path("<str:public_id>/test-mail/", check_step.survey_test_mail, name="survey_test_mail"),
    path("<str:public_id>/discard/", managing_views.survey_discard, name="survey_discard"),
    path("<str:public_id>/keep/", managing_views.survey_keep, name="survey_keep"),
    path("<str:public_id>/progress/", managing_views.survey_progress, name="survey_progress"),
    path("<str:public_id>/pause/", managing_views.survey_pause, name="survey_pause"),
    path("<str:public_id>/resume/", managing_views.survey_resume, name="survey_resume"),
    path("<str:public_id>/go-on/", managing_views.survey_go_on, name="survey_go_on"),
    path("<str:public_id>/dates/", managing_views.survey_dates, name="survey_dates"),
    path("<str:public_id>/people/", managing_views.survey_people, name="survey_people"),
    path("<str:public_id>/again/<str:invitation_id>/", managing_views.survey_again, name="survey_again"),
    path("<str:public_id>/invitations.csv", managing_views.survey_invitations, name="survey_invitations"),
    path("<str:public_id>/close/", managing_views.survey_close, name="survey_close"),
]
