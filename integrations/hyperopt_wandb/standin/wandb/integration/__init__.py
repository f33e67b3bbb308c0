"""Callbacks of frameworks that W&B ships itself."""
