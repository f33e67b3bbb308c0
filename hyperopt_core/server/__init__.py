"""A storage served over HTTP, to agents on other machines and to people's browsers.

`app` puts the parts together: `access` (who may do what), `api` (a storage's methods as routes), `openapi` (their
description), `metrics` (for Prometheus), `browser` (what the page asks for, from a `mirror` of each sweep) and `files`
(the page itself, in page/); `serve` runs it. `report` makes one file of the page and a sweep.
"""
