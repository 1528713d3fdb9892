"""The settings of a worker process in a story: ours, with the stories' kinds of jobs."""

from config import tables
from config.settings import *  # noqa: F403 - settings are a module of names
from tests.domain.job_names import KINDS

tables.JOBS.update(KINDS)
