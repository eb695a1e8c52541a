from django.urls import path

from credits.views import ledger, rules, use

app_name = "credits"
urlpatterns = [
    path("", ledger.ledger, name="ledger"),
    path("ledger.csv", ledger.ledger_csv, name="ledger_csv"),
    path("give/", ledger.give, name="give"),
    path("take/", ledger.take, name="take"),
    path("asked/<uuid:code>/", ledger.answer, name="answer"),
    path("used/", use.used, name="used"),
    path("used.csv", use.used_csv, name="used_csv"),
    path("rules/", rules.rules, name="rules"),
    path("rules/change/", rules.change_rules, name="change_rules"),
    path("rules/budget/", rules.set_budget, name="set_budget"),
    path("rules/budget/<uuid:code>/remove/", rules.remove_budget, name="remove_budget"),
]
