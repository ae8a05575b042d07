from django.urls import path

from surveys import export_views as views

urlpatterns = [
    path("export/", views.survey_export, name="survey_export"),
    path("answers-long.csv", views.survey_answers_csv, {"shape": "long"}, name="survey_long_csv"),
    path("answers-wide.csv", views.survey_answers_csv, {"shape": "wide"}, name="survey_wide_csv"),
    path("answers-long.xlsx", views.survey_answers_xlsx, {"shape": "long"}, name="survey_long_xlsx"),
    path("answers-wide.xlsx", views.survey_answers_xlsx, {"shape": "wide"}, name="survey_wide_xlsx"),
]
