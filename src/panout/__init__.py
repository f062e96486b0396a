"""Panout: self-hosted sales prospecting that pans out."""

__version__ = "0.1.0"
