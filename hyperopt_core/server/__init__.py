"""A storage served over HTTP, to agents on other machines and to people's browsers.

`app` puts the parts together: `access` (who may do what), `api` (a storage's methods as routes), `openapi` (their
description), `metrics` (for Prometheus); `serve` runs it.
"""
