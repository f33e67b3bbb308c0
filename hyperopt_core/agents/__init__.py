"""Agents: they ask a sweep for trials, train them and bring the results back."""
