"""Every table there is, for comparing the migrations with the code."""

from __future__ import annotations

import importlib
import pkgutil

import models
from models.base import Base

for _module in pkgutil.iter_modules(models.__path__):
    if not _module.ispkg:
        importlib.import_module(f"models.{_module.name}")

METADATA = Base.metadata
