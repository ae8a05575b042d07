from django.urls import path

from clients.files import views as files
from clients.follow_ups import views as follow_ups
from clients.views import client, importing, listing, log, people, team

urlpatterns = [
    path("clients/", listing.clients, name="clients"),
    path("clients/export.csv", listing.export, name="clients_export"),
    path("clients/new/", client.client_new, name="client_new"),
    path("clients/<slug:public_id>/", client.client, name="client"),
    path("clients/<slug:public_id>/edit/", client.client_edit, name="client_edit"),
    path("clients/<slug:public_id>/archive/", client.client_archive, name="client_archive"),
    path("clients/<slug:public_id>/bring-back/", client.client_bring_back, name="client_bring_back"),
    path("clients/<slug:public_id>/history/", client.client_history, name="client_history"),
    path("clients/<slug:public_id>/timeline/", client.client_timeline, name="client_timeline"),
    path("clients/<slug:public_id>/hand-over/", team.client_hand_over, name="client_hand_over"),
    path("clients/<slug:public_id>/team/", team.client_team, name="client_team"),
    path("clients/<slug:public_id>/team/<slug:user_id>/leave/", team.client_team_leave, name="client_team_leave"),
    path("clients/<slug:public_id>/people/", people.people, name="client_people"),
    path("clients/<slug:public_id>/people/new/", people.contact_new, name="contact_new"),
    path("clients/<slug:public_id>/people/<slug:person_id>/", people.contact_edit, name="contact_edit"),
    path("clients/<slug:public_id>/people/<slug:person_id>/left/", people.contact_left, name="contact_left"),
    path("clients/<slug:public_id>/people/<slug:person_id>/back/", people.contact_back, name="contact_back"),
    path("clients/<slug:public_id>/people/<slug:person_id>/mail/", people.contact_mail_arrives, name="contact_mail"),
    path("clients/<slug:public_id>/follow-ups/new/", follow_ups.follow_up_new, name="follow_up_new"),
    path("follow-ups/<slug:public_id>/", follow_ups.follow_up, name="follow_up"),
    path("follow-ups/<slug:public_id>/done/", follow_ups.follow_up_done, name="follow_up_done"),
    path("follow-ups/<slug:public_id>/undo/", follow_ups.follow_up_undo, name="follow_up_undo"),
    path("follow-ups/<slug:public_id>/remove/", follow_ups.follow_up_remove, name="follow_up_remove"),
    path("import/clients/", importing.import_clients, name="import_clients"),
    path("import/clients/<uuid:uuid>/", importing.import_clients_file, name="import_clients_file"),
    path("files/", files.attachment_new, name="attachment_new"),
    path("files/<slug:public_id>/", files.attachment, name="attachment"),
    path("files/<slug:public_id>/remove/", files.attachment_remove, name="attachment_remove"),
    path("files/<slug:public_id>/restore/", files.attachment_restore, name="attachment_restore"),
    path("log/", log.log, name="log"),
    path("log/guess/", log.log_guess, name="log_guess"),
    path("log/clients/", log.log_clients, name="log_clients"),
    path("log/<slug:public_id>/", log.interaction, name="interaction"),
    path("log/<slug:public_id>/files/", files.interaction_attach, name="interaction_attach"),
    path("log/<slug:public_id>/remove/", log.interaction_remove, name="interaction_remove"),
    path("log/<slug:public_id>/restore/", log.interaction_restore, name="interaction_restore"),
]
