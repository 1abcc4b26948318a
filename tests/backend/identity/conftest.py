"""Tests of this folder have the reference partnerships, on one database a module."""

from support.suite import clock, environment, owner, tenant

__all__ = ["clock", "environment", "owner", "tenant"]
