"""The portal runs on a real PostgreSQL, a real Redis and a real S3 server."""

import pytest

from tests.services import servers

pytestmark = pytest.mark.services


def test_everything_the_portal_leans_on_answers(portal, ready):
    assert portal.get("/healthz") == (200, "ok\n")
    # The workers begin just now, and take the processors from those who answer.
    servers.wait_for(lambda: ready()[0] == 200, what="/readyz with 200")
    assert set(ready()[1]) == {"database", "redis", "storage", "queue", "provider"}


def test_it_uses_the_servers_it_was_given(portal, postgresql, redis_server, bucket):
    import psycopg
    import redis

    with psycopg.connect(postgresql) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {"accounts_organization", "analyses_analysis", "clips_clip"} <= tables
    with redis.Redis.from_url(redis_server) as client:
        # Those who answer start first, the workers a moment later.
        servers.wait_for(lambda: client.scard("rq:workers") >= 3, what="three workers in this Redis")
    # /readyz wrote there and cleaned up after itself.
    portal.get("/readyz")
    assert "Contents" not in bucket.client().list_objects_v2(Bucket=bucket.name, Prefix="health/")


def test_a_search_finds_runners_by_an_index(portal, postgresql):
    import psycopg

    # As Django asks for `name__icontains` and `email__icontains`.
    sought = "UPPER(name::text) LIKE UPPER('%lind%') OR UPPER(email::text) LIKE UPPER('%lind%')"
    with psycopg.connect(postgresql) as connection:
        connection.execute("SET enable_seqscan = off")  # a table this small is read whole by choice
        plan = [row[0] for row in connection.execute(f"EXPLAIN SELECT id FROM subjects_subject WHERE {sought}")]
    assert [name in "\n".join(plan) for name in ("subjects_found_by_name", "subjects_found_by_email")] == [True, True]


def test_the_last_filmed_runners_are_read_in_the_order_of_an_index(portal, postgresql):
    import psycopg

    last_filmed = (
        "SELECT * FROM subjects_subject WHERE organization_id = 1 AND archived_at IS NULL "
        "ORDER BY filmed_at DESC NULLS LAST, name ASC, id ASC LIMIT 26"
    )
    with psycopg.connect(postgresql) as connection:
        connection.execute("SET enable_seqscan = off")  # a table this small is read whole by choice
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {last_filmed}"))
    assert "subjects_by_last_film" in plan
    assert "Sort" not in plan
