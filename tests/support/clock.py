"""The settable database clock, for tests."""

from infra.dev.clock import Clock

__all__ = ["Clock"]
