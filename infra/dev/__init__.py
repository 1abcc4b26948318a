"""Everything the product talks to, started on loopback ports under one folder.

For `make demo` and for the tests. A real server takes a service's place as soon as its variable
(`DATABASE_URL`, `BROKER_URL`, `S3_ENDPOINT_URL`, `OIDC_ISSUER`, `NOTIFY_BASE_URL`) is set.
"""
