from django.urls import path

from surveys import questionnaire_views as views

urlpatterns = [
    path("", views.questionnaires, name="questionnaires"),
    path("new/", views.questionnaire_new, name="questionnaire_new"),
    path("<int:pk>/", views.questionnaire, name="questionnaire"),
    path("<int:pk>/retire/", views.questionnaire_retire, name="questionnaire_retire"),
    path("<int:pk>/rename/", views.questionnaire_rename, name="questionnaire_rename"),
    path("<int:pk>/versions/", views.questionnaire_versions, name="questionnaire_versions"),
    path("<int:pk>/translate/<str:language>/", views.questionnaire_translate, name="questionnaire_translate"),
    path("<int:pk>/questions/new/", views.question_new, name="question_new"),
    path("<int:pk>/questions/<slug:key>/", views.question_edit, name="question_edit"),
    path("<int:pk>/questions/<slug:key>/move/", views.question_move, name="question_move"),
    path("<int:pk>/questions/<slug:key>/remove/", views.question_remove, name="question_remove"),
]
