from django.urls import include, path

from surveys import belief_views, public_views, results_views, setup_views, views

urlpatterns = [
    path("questionnaires/", include("surveys.questionnaire_urls")),
    path("surveys/", views.surveys, name="surveys"),
    path("surveys/new/", setup_views.survey_new, name="survey_new"),
    path("surveys/<str:public_id>/", views.survey_round, name="survey_round"),
    path("surveys/<str:public_id>/setup/<str:step>/", setup_views.survey_setup, name="survey_setup"),
    path("surveys/<str:public_id>/preview/", setup_views.survey_preview, name="survey_preview"),
    path("surveys/<str:public_id>/test-mail/", setup_views.survey_test_mail, name="survey_test_mail"),
    path("surveys/<str:public_id>/results/", results_views.survey_results, name="survey_results"),
    path("surveys/<str:public_id>/progress/", views.survey_progress, name="survey_progress"),
    path("surveys/<str:public_id>/pause/", views.survey_pause, name="survey_pause"),
    path("surveys/<str:public_id>/resume/", views.survey_resume, name="survey_resume"),
    path("surveys/<str:public_id>/close/", views.survey_close, name="survey_close"),
    path("beliefs/", belief_views.beliefs, name="beliefs"),
    path("beliefs/<str:public_id>/", belief_views.belief, name="belief"),
    path("gaps/", results_views.gaps, name="gaps"),
    path("gaps/export.csv", results_views.gaps_export, name="gaps_export"),
    path("gaps/<str:client_id>/", results_views.gap, name="gap"),
    # without sign-in
    path("s/fresh/", public_views.fresh_link, name="survey_fresh_link"),
    path("s/<str:token>/", public_views.survey_answer, name="survey_answer"),
    path("s/<str:token>/answer/", public_views.survey_save, name="survey_save"),
    path("s/<str:token>/thanks/", public_views.survey_thanks, name="survey_thanks"),
]
