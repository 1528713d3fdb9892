"""The settings of a worker whose imports are held in the middle."""

import os

from config import tables
from config.settings import *  # noqa: F403 - settings are a module of names

tables.JOBS["core.import_preview"] = "tests.domain.held_imports.preview"
tables.JOBS["core.import_write"] = f"tests.domain.held_imports.{os.environ['STORY_WRITE']}"
