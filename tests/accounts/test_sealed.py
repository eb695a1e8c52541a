"""What is sealed in the database, and how its key is changed."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from accounts.management.commands.reseal import sealed_columns
from accounts.sealed import seal, unseal
from analyses.models import ProviderAccount


def test_the_key_is_changed_without_losing_what_it_sealed(engine_account, settings, capsys):
    settings.FIELD_KEYS = ["old"]
    engine_account.key = "key of the service"
    engine_account.save()
    settings.FIELD_KEYS = ["new", "old"]
    call_command("reseal")
    assert "analyses.ProviderAccount.sealed_key: 1 sealed anew" in capsys.readouterr().out
    settings.FIELD_KEYS = ["new"]
    assert ProviderAccount.objects.get().key == "key of the service"
    settings.FIELD_KEYS = ["old"]
    with pytest.raises(InvalidToken):
        _ = ProviderAccount.objects.get().key


def test_what_no_key_opens_is_left_as_it_is_and_said(engine_account, settings):
    settings.FIELD_KEYS = ["forgotten"]
    engine_account.key = "key of the service"
    engine_account.save()
    before = ProviderAccount.objects.get().sealed_key
    settings.FIELD_KEYS = ["new"]
    with pytest.raises(CommandError) as said:
        call_command("reseal")
    assert str(said.value) == (
        "1 could not be opened by any key of FIELD_KEYS. Keep the old keys; add the one that is missing."
    )
    assert ProviderAccount.objects.get().sealed_key == before


def test_every_sealed_column_is_known():
    columns = {f"{model._meta.label}.{column}" for model, column in sealed_columns()}
    assert columns >= {"analyses.ProviderAccount.sealed_key"}


def test_the_same_text_looks_different_each_time(settings):
    settings.FIELD_KEYS = ["one"]
    first, second = seal("text"), seal("text")
    assert first != second
    assert unseal(first) == unseal(second) == "text"
    assert "text" not in first
