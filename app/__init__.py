"""Hinge Coach: a live running-form coach. See ARCHITECTURE.md for the map."""

__version__ = "0.1.0"
