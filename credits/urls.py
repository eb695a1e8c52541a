from django.urls import path

from credits import views

app_name = "credits"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("give/", views.give, name="give"),
    path("take/", views.take, name="take"),
]
