"""Results: a round's, each client's, and what people wrote."""

from django.urls import path

from surveys import results_views, written_views

urlpatterns = [
    path("surveys/<str:public_id>/results/", results_views.survey_results, name="survey_results"),
    path("surveys/<str:public_id>/our-word/", results_views.survey_word_kept, name="survey_word_kept"),
    path("surveys/<str:public_id>/words/", written_views.survey_words, name="survey_words"),
    path(
        "surveys/<str:public_id>/words/<int:answer_id>/promise/",
        written_views.survey_word_promise,
        name="survey_word_promise",
    ),
    path(
        "surveys/<str:public_id>/words/<int:answer_id>/suggestion/",
        written_views.survey_word_suggestion,
        name="survey_word_suggestion",
    ),
    path(
        "surveys/<str:public_id>/words/<int:answer_id>/request/",
        written_views.survey_word_request,
        name="survey_word_request",
    ),
    path(
        "surveys/<str:public_id>/words/<int:answer_id>/back/",
        written_views.survey_word_back,
        name="survey_word_back",
    ),
    path("gaps/", results_views.gaps, name="gaps"),
    path("gaps/export.csv", results_views.gaps_export, name="gaps_export"),
    path("gaps/<str:client_id>/", results_views.gap, name="gap"),
]
