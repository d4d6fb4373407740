"""Charts as files: the same bytes for the same data, within limits, and never at the page's cost."""

from __future__ import annotations

import struct
import time
from xml.etree import ElementTree

import httpx
import pytest

from tests.web.pages import LEADER
from trender_web.drawing.png import NoPicture, PngMaker

KINDS = ("gains", "rank", "momentum", "stars")


@pytest.mark.parametrize("kind", KINDS)
async def test_svg_stands_alone_and_is_the_same_again(client: httpx.AsyncClient, kind: str) -> None:
    """Deterministic, at most 2 MB, no script, no address."""
    first = await client.get(f"/chart/{LEADER}/{kind}.svg")
    again = await client.get(f"/chart/{LEADER}/{kind}.svg?x=1")
    assert first.status_code == 200 and first.content == again.content
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(first.text).iter()}
    assert tags <= {"svg", "title", "style", "rect", "text", "path", "g", "circle"}
    assert first.text.count('<path class="s1"') == 1
    policy = first.headers["content-security-policy"]
    assert policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    page = (await client.get(f"/repo/{LEADER}" + ("" if kind == "gains" else "?tab=history"))).text
    line = first.text.split('class="s1" d="')[1].split('"')[0]
    assert line in page  # the picture and the page are one drawing


async def test_png_is_a_picture_of_the_stated_size(client: httpx.AsyncClient) -> None:
    pytest.importorskip("vl_convert")
    first = await client.get(f"/chart/{LEADER}/momentum.png")
    assert first.status_code == 200 and first.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", first.content[16:24]) == (1120, 680)
    assert len(first.content) <= 2_000_000


async def test_what_has_no_chart_says_so(client: httpx.AsyncClient) -> None:
    assert (await client.get("/chart/no/such/rank.svg")).status_code == 404
    assert (await client.get(f"/chart/{LEADER}/else.svg")).status_code == 422
    moved = await client.get("/chart/old-owner/before/rank.svg")
    assert moved.headers["location"] == "/chart/new-owner/renamed/rank.svg"


def test_the_png_maker_refuses_and_recovers() -> None:
    """Sizes are clamped, images refused, a hanging worker ended; the next picture works."""
    pytest.importorskip("vl_convert")
    png_maker = PngMaker(8.0)
    small = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
    try:
        for svg, width in (
            (small, 100_000), (small, 0), ("x" * 500_000, 10),
            ('<svg><image href="/etc/passwd"/></svg>', 10), ("<svg><FOREIGNOBJECT/></svg>", 10),
            ('<!DOCTYPE x [<!ENTITY a "b">]><svg/>', 10),
        ):  # fmt: skip
            with pytest.raises(NoPicture):
                png_maker.png(svg, width, 10)
        assert png_maker.png(small, 10, 10).startswith(b"\x89PNG")
        hurried = PngMaker(0.001)
        started = time.monotonic()
        with pytest.raises(NoPicture, match="too long"):
            hurried.png(small, 10, 10)
        assert time.monotonic() - started < 3
        assert png_maker.png(small, 10, 10).startswith(b"\x89PNG")
    finally:
        png_maker.close()
