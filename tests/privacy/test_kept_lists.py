"""The list of the erased that goes along with a restore, when it is not what it should be."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from privacy.models import Tombstone

WHOLE = '{"organization": "OURS", "runner": "a", "hashes": [], "erased_at": "2026-11-23"}'


@pytest.mark.parametrize("kept", [b"PK\xff\xfe", WHOLE.encode() + b'\n{"organization": "00', b"[]", b'"text"', b"7"])
def test_a_list_that_is_none_or_not_whole_is_named_and_nothing_of_it_is_taken_up(kept, organization, tmp_path):
    path = tmp_path / "tombstones.txt"
    path.write_bytes(kept.replace(b"OURS", str(organization.code).encode()))
    for wrong in (path, tmp_path, tmp_path / "gone"):
        with pytest.raises(CommandError, match="Check the path, and whether it is whole"):
            call_command("forget_again", "--from", str(wrong))
    assert not Tombstone.objects.exists()
