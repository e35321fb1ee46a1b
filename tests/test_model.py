import os

from appose_kernel.model import Activation, BuildEvent, Phase, Step


def test_an_event_survives_the_way_through_a_log() -> None:
    step = Step(Phase.DOWNLOADING, "six", done=1, total=2, bytes_done=10, bytes_total=20)
    event = BuildEvent("b1", 7, 12.5, 0.25, step)
    assert BuildEvent.from_dict(event.to_dict()) == event


def test_an_events_json_is_flat_and_without_nulls() -> None:
    flat = BuildEvent("b1", 0, 1.0, 0.0, Step(Phase.QUEUED, "waiting")).to_dict()
    assert flat["phase"] == "queued"
    assert None not in flat.values()
    assert not any(isinstance(value, (dict, list)) for value in flat.values())


def test_only_the_last_three_phases_end_a_build() -> None:
    assert [phase.value for phase in Phase if phase.ends] == ["ready", "failed", "cancelled"]


def test_activation_sets_unsets_and_puts_its_path_first() -> None:
    activation = Activation("/p/bin/python", ("/p/bin",), {"VIRTUAL_ENV": "/p", "PYTHONHOME": None})
    environ = activation.apply({"PATH": "/bin", "PYTHONHOME": "/x", "LANG": "C"})
    assert environ == {"PATH": f"/p/bin{os.pathsep}/bin", "VIRTUAL_ENV": "/p", "LANG": "C"}


def test_activation_without_a_path_leaves_no_empty_entry() -> None:
    assert Activation("/p/bin/python", ("/p/bin",)).apply({})["PATH"] == "/p/bin"
