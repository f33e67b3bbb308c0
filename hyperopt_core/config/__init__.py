"""Sweep files: reading and checking them, their commands, their JSON Schema, and advice."""

from hyperopt_core.config.advice import advise
from hyperopt_core.config.command import check_command, command_line
from hyperopt_core.config.loader import load, loads
from hyperopt_core.config.schema import json_schema

__all__ = ["advise", "check_command", "command_line", "json_schema", "load", "loads"]
