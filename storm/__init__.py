"""A storm over the portal in its production shape: things are broken on purpose while coaches order analyses.

`./portal storm` starts PostgreSQL, Redis, an S3 server, the engine and every process of the portal, orders through the
web, kills, stops and disturbs by a seeded plan, heals everything, and then compares the portal's books with the
engine's. Test tooling: nobody imports it, and it listens and sends on the own machine only.
"""
