"""``import wandb.whatever``: submodules that programs and frameworks name, without a file for each.

Names keep their meaning wherever W&B has moved them: ``wandb.sdk.wandb_run.Run`` is ``wandb.Run``, and
``wandb.errors.errors.CommError`` is ``wandb.errors.CommError``. A name that is unknown is `Ignored`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ._ignored import Ignored

_PACKAGE = __name__.rpartition(".")[0]
#: Submodules that are files of the stand-in under another name.
_ALIASES = {
    "keras": "integration.keras",
    "lightgbm": "integration.lightgbm",
    "sb3": "integration.sb3",
    "xgboost": "integration.xgboost",
}
#: What `wandb.NAME` is imported for where nobody has imported it.
PACKAGES = {"apis", "data_types", "env", "errors", "integration", "keras", "lightgbm", "plot", "sb3", "sdk", "sklearn"}
PACKAGES |= {"util", "wandb_run", "xgboost"}


class Finder(MetaPathFinder, Loader):
    """Makes the submodules that the stand-in has no file for."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """A package, so that more can be imported from below it."""
        return ModuleSpec(name, self, is_package=True) if name.startswith(f"{_PACKAGE}.") else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The file that goes under this name too, or an empty module."""
        alias = _ALIASES.get(spec.name.removeprefix(f"{_PACKAGE}."))
        module = ModuleType(spec.name)
        if alias:
            module.__dict__.update(import_module(f"{_PACKAGE}.{alias}").__dict__)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Let it answer for any name."""
        name = module.__name__
        vars(module).setdefault("__getattr__", lambda attribute: lookup(name, attribute))


def lookup(module: str, name: str) -> Any:
    """What `name` means in a submodule."""
    if name.startswith("__"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    home = sys.modules[_PACKAGE]
    for place in (home, *(import_module(f"{_PACKAGE}.{file}") for file in ("errors", "util", "env"))):
        if name in vars(place):
            return vars(place)[name]
    return Ignored(f"{module}.{name}")


def install() -> None:
    """Ask the finder last, after files."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())
