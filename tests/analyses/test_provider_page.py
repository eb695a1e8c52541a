"""Who measures is chosen on one page: its key is never shown, its answer tried, its calls asked for."""

from __future__ import annotations

from analyses.models import ProviderAccount
from providers.base import KeyInvalid
from tests.reading import shown

PROVIDER = "/settings/provider/"


def test_only_an_admin_chooses_who_measures(as_alice, as_carol, engine_account):
    assert as_alice.get(PROVIDER).status_code == 200
    assert as_carol.get(PROVIDER).status_code == 403
    for deed in ("test/", "webhook/"):
        assert as_carol.post(PROVIDER + deed).status_code == 403
        assert as_alice.get(PROVIDER + deed).status_code == 405


def test_a_key_is_written_and_never_shown(as_alice, organization):
    answer = as_alice.post(PROVIDER, {"kind": "ochy", "key": "a-secret-key"}, follow=True)
    assert "Ochy measures from now on." in shown(answer)
    assert "a-secret-key" not in shown(answer)
    account = ProviderAccount.objects.get(organization=organization, kind="ochy")
    assert account.key == "a-secret-key"
    as_alice.post(PROVIDER, {"kind": "ochy", "key": ""})
    account.refresh_from_db()
    assert account.key == "a-secret-key"


def test_a_key_with_a_space_is_asked_for_again_and_not_repeated(as_alice, engine_account):
    answer = as_alice.post(PROVIDER, {"kind": "ochy", "key": "half of-it"})
    assert answer.status_code == 422
    assert "A key has no spaces in it. Copy it once more." in shown(answer)
    assert "half of-it" not in shown(answer)


def test_a_test_tells_whether_the_service_answers(as_alice, engine_account, service):
    text = shown(as_alice.post(PROVIDER + "test/", follow=True))
    assert "Built-in engine answers and accepts our key; it lists 0 analyses." in text
    service.trouble.append(KeyInvalid("The key is not accepted. Type it again."))
    assert "The key is not accepted. Type it again." in shown(as_alice.post(PROVIDER + "test/", follow=True))


def test_a_service_calls_only_a_public_address(as_alice, organization, settings):
    settings.PUBLIC_IS_HTTPS = False
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    text = shown(as_alice.post(PROVIDER + "webhook/", follow=True))
    assert "A service calls only a public https address. Set PUBLIC_URL; until then we ask." in text


def test_a_webhook_is_registered_by_one_press(as_alice, engine_account, service):
    text = shown(as_alice.post(PROVIDER + "webhook/", follow=True))
    assert "Built-in engine calls us from now on." in text
    assert service.registered.endswith(f"/hooks/engine/{engine_account.token_of_key}/")
