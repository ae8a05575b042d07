"""What we believe and who is missing; who is overdue, whom to call, who stayed silent; “you said, we did”."""

from django.urls import path

from surveys import belief_views, missing_views, overdue_views, you_said_views

urlpatterns = [
    path("beliefs/", belief_views.beliefs, name="beliefs"),
    path("beliefs/<str:public_id>/", belief_views.belief, name="belief"),
    path("surveys/<str:public_id>/beliefs/", missing_views.survey_beliefs, name="survey_beliefs"),
    path(
        "surveys/<str:public_id>/beliefs/remind/<str:user_id>/",
        missing_views.survey_belief_remind,
        name="survey_belief_remind",
    ),
    path(
        "surveys/<str:public_id>/beliefs/let-go/<str:client_id>/",
        missing_views.survey_belief_let_go,
        name="survey_belief_let_go",
    ),
    path("surveys/<str:public_id>/overdue/", overdue_views.survey_overdue, name="survey_overdue"),
    path("surveys/<str:public_id>/calls/", overdue_views.survey_calls, name="survey_calls"),
    path("surveys/<str:public_id>/silent/", overdue_views.survey_silent, name="survey_silent"),
    path("surveys/<str:public_id>/said/<str:client_id>/", you_said_views.survey_you_said, name="survey_you_said"),
]
