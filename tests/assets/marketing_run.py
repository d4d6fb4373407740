"""Every marketing asset, materialised in this process."""

from __future__ import annotations

import dagster as dg
import pytest

from trender_assets.marketing import assets as marketing
from trender_assets.resources import Warehouse


def materialise(url: str, **criteria: float) -> dg.ExecuteInProcessResult:
    """Make the assets of a warehouse; `criteria` replace the defaults of success stories."""
    config = {"ops": {"marketing": {"config": criteria}}} if criteria else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        result = dg.materialize(
            dg.load_assets_from_modules([marketing]),
            resources={"warehouse": Warehouse()},
            run_config=config,
            instance=dg.DagsterInstance.ephemeral(),
        )
    assert result.success
    return result
