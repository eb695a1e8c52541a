from django.urls import path

from subjects import grouping, importing, views

app_name = "subjects"
urlpatterns = [
    path("", views.runners, name="list"),
    path("new/", views.new, name="new"),
    path("import/", importing.choose, name="imports"),
    path("import/<uuid:code>/", importing.one, name="import"),
    path("import/<uuid:code>/carry-out/", importing.carry_out, name="carry_out_import"),
    path("import/<uuid:code>/undo/", importing.undo, name="undo_import"),
    path("import/<uuid:code>/discard/", importing.discard, name="discard_import"),
    path("import/<uuid:code>/left-out.csv", importing.left_out, name="left_out_of_import"),
    path("groups/", grouping.overview, name="groups"),
    path("groups/wall/", grouping.keep_to_groups, name="keep_to_groups"),
    path("groups/<uuid:code>/", grouping.group, name="group"),
    path("groups/<uuid:code>/rename/", grouping.rename, name="rename_group"),
    path("groups/<uuid:code>/delete/", grouping.delete, name="delete_group"),
    path("groups/<uuid:code>/coaches/", grouping.coaches, name="group_coaches"),
    path("groups/<uuid:code>/put/", grouping.put_in, name="put_into_group"),
    path("groups/<uuid:code>/take/", grouping.take_out, name="take_out_of_group"),
    path("places/", grouping.add_site, name="add_site"),
    path("places/<uuid:code>/rename/", grouping.rename_site, name="rename_site"),
    path("places/<uuid:code>/delete/", grouping.delete_site, name="delete_site"),
    path("<uuid:code>/", views.detail, name="detail"),
    path("<uuid:code>/edit/", views.edit, name="edit"),
    path("<uuid:code>/note/", views.note, name="note"),
    path("<uuid:code>/mark/", views.mark, name="mark"),
    path("marks/<uuid:code>/remove/", views.remove_mark, name="remove_mark"),
    path("<uuid:code>/archive/", views.archive, name="archive"),
    path("<uuid:code>/restore/", views.restore, name="restore"),
]
