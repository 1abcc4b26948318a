"""Drawings of a pathway with its clocks: Mermaid text, and SVG with real text in it."""
