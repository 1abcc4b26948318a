"""Alerts with role slots that are met only when every required slot has answered."""
