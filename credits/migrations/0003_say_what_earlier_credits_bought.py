"""Write beside earlier entries what they bought and what they returned. Which groups a runner was in then, nobody knows."""

from __future__ import annotations

import uuid

from django.db import migrations

PREFIX = "analysis:"


def say_it(apps, schema_editor):
    Entry = apps.get_model("credits", "Entry")
    Analysis = apps.get_model("analyses", "Analysis")
    spent = {}
    for entry in Entry.objects.filter(kind="spend").iterator():
        spent[entry.reference] = entry.pk
        if entry.reference.startswith(PREFIX):
            analysis = Analysis.objects.filter(code=_code(entry.reference)).select_related("account").first()
            if analysis is not None:
                what = {"paid_for": analysis.code, "view": analysis.view, "service": analysis.account.kind}
                Entry.objects.filter(reference=entry.reference).update(**what)
    for entry in Entry.objects.filter(kind="give_back").iterator():
        if entry.reference in spent:
            Entry.objects.filter(pk=entry.pk).update(returns=spent[entry.reference])


def _code(reference):
    try:
        return uuid.UUID(reference.removeprefix(PREFIX))
    except ValueError:
        return None


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0002_budgets_rules_and_what_a_credit_bought"),
        ("analyses", "0001_what_is_measured_and_what_came_back"),
    ]

    operations = [migrations.RunPython(say_it, migrations.RunPython.noop)]
