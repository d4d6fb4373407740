"""The one partition set of the raw layer: the sources, in their order.

Define here how Dagster sees the sources; what they are is in `sources`.
"""

from __future__ import annotations

import dagster as dg

from trender_assets.settings import current
from trender_assets.trending.sources import all_sources

FILE_SETTINGS = current().file
SOURCES = {source.key: source for source in all_sources(FILE_SETTINGS)}
source_partitions = dg.StaticPartitionsDefinition(list(SOURCES))
EVERY_SOURCE = {
    "dagster/asset_partition_range_start": next(iter(SOURCES)),
    "dagster/asset_partition_range_end": list(SOURCES)[-1],
}
