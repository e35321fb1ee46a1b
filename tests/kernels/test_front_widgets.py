"""Widgets behind a front: what a browser does to one, the kernel sees, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clients import Start

if TYPE_CHECKING:
    from conftest import ProjectFactory

PYPI = 'url = "https://pypi.org/simple"'


def test_a_slider_moves_on_both_sides(uv_project: ProjectFactory, start: Start) -> None:
    """ipywidgets is the environment's own, and ipykernel is appended to it."""
    kernel = start(uv_project(["ipywidgets>=8"], index=PYPI))
    kernel.ready()
    made = kernel.execute("import ipywidgets; slider = ipywidgets.IntSlider(3); print(slider.model_id)")
    model = kernel.text(made).strip()
    opened = {
        message["content"]["comm_id"]: message["content"]["data"]["state"]
        for message in kernel.finished(made)
        if message["msg_type"] == "comm_open"
    }
    assert opened[model]["value"] == 3

    update = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
    kernel.ask("shell", "comm_msg", {"comm_id": model, "data": update})
    assert kernel.text(kernel.execute("print(slider.value)")) == "7\n"

    moved = kernel.execute("slider.value = 9")
    [told] = [m["content"] for m in kernel.finished(moved) if m["msg_type"] == "comm_msg"]
    assert (told["comm_id"], told["data"]["state"]) == (model, {"value": 9})
