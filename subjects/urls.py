from django.urls import path

from subjects.views import groups, imports, runners

app_name = "subjects"
urlpatterns = [
    path("", runners.runners, name="list"),
    path("new/", runners.new, name="new"),
    path("import/", imports.choose, name="imports"),
    path("import/<uuid:code>/", imports.one, name="import"),
    path("import/<uuid:code>/carry-out/", imports.carry_out, name="carry_out_import"),
    path("import/<uuid:code>/undo/", imports.undo, name="undo_import"),
    path("import/<uuid:code>/discard/", imports.discard, name="discard_import"),
    path("import/<uuid:code>/left-out.csv", imports.left_out, name="left_out_of_import"),
    path("groups/", groups.overview, name="groups"),
    path("groups/wall/", groups.keep_to_groups, name="keep_to_groups"),
    path("groups/<uuid:code>/", groups.group, name="group"),
    path("groups/<uuid:code>/rename/", groups.rename, name="rename_group"),
    path("groups/<uuid:code>/delete/", groups.delete, name="delete_group"),
    path("groups/<uuid:code>/coaches/", groups.coaches, name="group_coaches"),
    path("groups/<uuid:code>/put/", groups.put_in, name="put_into_group"),
    path("groups/<uuid:code>/take/", groups.take_out, name="take_out_of_group"),
    path("places/", groups.add_site, name="add_site"),
    path("places/<uuid:code>/rename/", groups.rename_site, name="rename_site"),
    path("places/<uuid:code>/delete/", groups.delete_site, name="delete_site"),
    path("<uuid:code>/", runners.detail, name="detail"),
    path("<uuid:code>/edit/", runners.edit, name="edit"),
    path("<uuid:code>/note/", runners.note, name="note"),
    path("<uuid:code>/mark/", runners.mark, name="mark"),
    path("marks/<uuid:code>/remove/", runners.remove_mark, name="remove_mark"),
    path("<uuid:code>/archive/", runners.archive, name="archive"),
    path("<uuid:code>/restore/", runners.restore, name="restore"),
]
