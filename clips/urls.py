from django.urls import path

from clips import views

app_name = "clips"
urlpatterns = [
    path("begin/", views.begin, name="begin"),
    path("<uuid:code>/file/", views.receive, name="receive"),
    path("<uuid:code>/finish/", views.finish, name="finish"),
    path("<uuid:code>/checks/", views.checks, name="checks"),
    path("<uuid:code>/delete/", views.delete, name="delete"),
    path("f/<str:token>/<str:name>", views.film, name="film"),
]
