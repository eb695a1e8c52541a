"""The portal runs on a real PostgreSQL, a real Redis and a real S3 server."""

import pytest

from tests.services import servers

pytestmark = pytest.mark.services


def test_everything_the_portal_leans_on_answers(portal, ready):
    assert portal.get("/healthz") == (200, "ok\n")
    status, checks = ready()
    assert {name for name, check in checks.items() if check["ok"]} == set(checks), portal.log.read_text()
    assert set(checks) == {"database", "redis", "storage", "queue", "provider"}
    assert status == 200


def test_it_uses_the_servers_it_was_given(portal, postgresql, redis_server, bucket):
    import psycopg
    import redis

    with psycopg.connect(postgresql) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {"accounts_organization", "analyses_analysis", "clips_clip"} <= tables
    with redis.Redis.from_url(redis_server) as client:
        # Those who answer start first, the workers a moment later.
        servers.wait_for(lambda: client.scard("rq:workers") >= 3, what="three workers in this Redis", at_most_s=60)
    # /readyz wrote there and cleaned up after itself.
    portal.get("/readyz")
    assert "Contents" not in bucket.client().list_objects_v2(Bucket=bucket.name, Prefix="health/")
