from django.urls import path

from subjects import views

app_name = "subjects"
urlpatterns = [
    path("", views.runners, name="list"),
    path("new/", views.new, name="new"),
    path("groups/", views.groups, name="groups"),
    path("groups/<uuid:code>/rename/", views.rename_group, name="rename_group"),
    path("groups/<uuid:code>/delete/", views.delete_group, name="delete_group"),
    path("<uuid:code>/", views.detail, name="detail"),
    path("<uuid:code>/edit/", views.edit, name="edit"),
    path("<uuid:code>/note/", views.note, name="note"),
    path("<uuid:code>/mark/", views.mark, name="mark"),
    path("marks/<uuid:code>/remove/", views.remove_mark, name="remove_mark"),
    path("<uuid:code>/archive/", views.archive, name="archive"),
    path("<uuid:code>/restore/", views.restore, name="restore"),
]
