"""The command line: ``python -m github_simulator``.

Define an option here. Building the application belongs to `server`.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import socket
import sys
import time
from pathlib import Path

from github_simulator.server.clock import Clock
from github_simulator.world.calendars import anchor_before, parse_iso
from github_simulator.world.world import World, WorldPlan


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(prog="python -m github_simulator", description=__doc__)
    add = options.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 lets the system choose")
    add("--profile", choices=("fast", "demo", "benchmark", "pessimistic"), default="demo")
    add("--seed", type=int, default=7)
    add("--start", default=None, help="ISO instant around which the world is laid")
    add("--repositories-per-language", type=int, default=100, metavar="N")
    add("--render", type=int, default=100, metavar="N", help="repositories of the Render sources")
    add("--bulk", type=int, default=120, metavar="N", help="small ones of one organisation")
    add("--clock", default="real", help="'real' or an ISO instant at which time stands")
    add("--faults", type=Path, default=None, metavar="FILE", help="a fault script (JSON)")
    add("--ready-file", type=Path, default=None, metavar="PATH", help="gets the port when ready")
    add("--no-limits", action="store_true", help="never refuse for a limit")
    add("--no-warm-up", action="store_true", help="draw the world only when it is asked for")
    add("--truth", action="store_true", help="print the ground truth as JSON and exit")
    add("--as-of", default=None, help="the instant of --truth; the clock's now by default")
    return options


def plan_from(arguments: argparse.Namespace, now: int) -> WorldPlan:
    """The world's plan that the options ask for."""
    return WorldPlan(
        seed=arguments.seed,
        start=parse_iso(arguments.start) if arguments.start else anchor_before(now),
        per_language=arguments.repositories_per_language,
        render=arguments.render,
        bulk=arguments.bulk,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the simulator, or print its truth."""
    arguments = parser().parse_args(argv)
    clock = Clock(arguments.clock)
    now = clock.now() if not clock.is_real else int(time.time())
    world = World(plan_from(arguments, now))
    if arguments.truth:
        from github_simulator.world.truth import ground_truth

        as_of = parse_iso(arguments.as_of) if arguments.as_of else clock.now()
        json.dump(ground_truth(world, as_of), sys.stdout)
        return 0
    serve(arguments, world, clock)
    return 0


def _is_unexpected(record: logging.LogRecord) -> bool:
    """Whether a server error is worth printing: answers cut short by a script are not."""
    return "without completing response" not in record.getMessage()


def serve(arguments: argparse.Namespace, world: World, clock: Clock) -> None:
    """Serve until the process is ended."""
    import uvicorn

    from github_simulator.server.application import build_application
    from github_simulator.server.faults import parse_faults
    from github_simulator.server.latency import PROFILES
    from github_simulator.server.limits import Limits, LimitSettings
    from github_simulator.server.pipeline import Pipeline

    profile = PROFILES[arguments.profile]
    settings = LimitSettings(cpu_seconds=profile.cpu_seconds, is_enforced=not arguments.no_limits)
    pipeline = Pipeline(world, clock, profile, Limits(settings))
    if arguments.faults is not None:
        pipeline.faults = parse_faults(json.loads(arguments.faults.read_text(encoding="utf-8")))
    is_warm = profile.name != "fast" and not arguments.no_warm_up
    application = build_application(pipeline, warm=is_warm)
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((arguments.host, arguments.port))
    listener.listen(256)
    port = listener.getsockname()[1]
    print(f"listening on http://{arguments.host}:{port}", flush=True)
    if arguments.ready_file is not None:
        partial = arguments.ready_file.with_suffix(".partial")
        partial.write_text(str(port), encoding="utf-8")
        partial.replace(arguments.ready_file)
    logging.getLogger("uvicorn.error").addFilter(_is_unexpected)
    config = uvicorn.Config(
        application,
        log_level="error",
        access_log=False,
        date_header=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    raise SystemExit(main())
