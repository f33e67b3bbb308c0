"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The machines that run the suite are shared and slow at times: time is measured in benchmarks, not here.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
