"""The assets, one module a stream: fetch, call logic, write, report.

Define here only what must hold before any asset module is imported. Dagster calls
`backfill_policy` beta and would say so once for every asset at every load.
"""

import warnings

import dagster as dg

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
