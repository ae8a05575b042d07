from django.urls import include, path

from surveys import (
    came_back_views,
    public_views,
    somebody_else_views,
    views,
)

urlpatterns = [
    path("", include("surveys.results_urls")),
    path("surveys/", views.surveys, name="surveys"),
    path("surveys/", include("surveys.round_urls")),
    path("surveys/<str:public_id>/", views.survey_round, name="survey_round"),
    path("surveys/<str:public_id>/somebody-else/<int:pk>/", somebody_else_views.survey_settle, name="survey_settle"),
    path(
        "surveys/<str:public_id>/came-back/<str:invitation_id>/",
        came_back_views.survey_came_back,
        name="survey_came_back",
    ),
    path("questionnaires/", include("surveys.questionnaire_urls")),
    path("surveys/<str:public_id>/", include("surveys.export_urls")),
    path("", include("surveys.belief_urls")),
    # without sign-in
    path("s/fresh/", public_views.fresh_link, name="survey_fresh_link"),
    path("s/<str:token>/", public_views.survey_answer, name="survey_answer"),
    path("s/<str:token>/answer/", public_views.survey_save, name="survey_save"),
    path("s/<str:token>/fresh/", public_views.survey_fresh, name="survey_fresh"),
    path("s/<str:token>/somebody-else/", public_views.survey_somebody_else, name="survey_somebody_else"),
    path("s/<str:token>/thanks/", public_views.survey_thanks, name="survey_thanks"),
]
