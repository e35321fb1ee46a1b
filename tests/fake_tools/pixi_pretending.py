"""Does what pixi does, to one package and without a channel, and writes down what it was asked.

``TEST_CALLS`` is the file to write to: each line a JSON list of the arguments. With ``TEST_GATE`` an install
ends only when the test has unlocked that file. The package is an interpreter, and a kernel that only looks
like one. Of the manifest only the
folder counts. The answers have the form that pixi's sources give them: list.rs, shell_hook.rs, lock.rs and
install.rs of https://github.com/prefix-dev/pixi/tree/main/crates/pixi_cli/src.
"""

import fcntl
import json
import os
import sys
from pathlib import Path

GLOBAL = ["--color", "never", "--no-progress"]
SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)
FILES = {
    "pyvenv.cfg": f"home = {Path(sys._base_executable).parent}\n",
    f"{SITE}/alpha.py": "value = 1\n",
    f"{SITE}/ipykernel_launcher.py": "",
    f"{SITE}/ipykernel/kernelapp.py": "",
}
UNWANTED = {"FORCE_COLOR", "PIXI_PROJECT_ROOT", "PIXI_IN_SHELL"}


def main(arguments):
    if arguments == ["--version"]:
        print("pixi 0.72.1")
        return
    with Path(os.environ["TEST_CALLS"]).open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if arguments[:3] != GLOBAL or os.environ.get("NO_COLOR") != "1" or UNWANTED & os.environ.keys():
        sys.exit("not called as it wants to be")
    command, _, manifest, *options = arguments[3:]
    root = Path(manifest).parent
    name = options[options.index("--environment") + 1] if "--environment" in options else "default"
    prefix = root / ".pixi" / "envs" / name
    COMMANDS[command](root, prefix, options)


def lock(root, prefix, options):
    (root / "pixi.lock").write_text("version: 6\n")
    print("✔ Updated lock file", file=sys.stderr)


def packages(root, prefix, options):
    print(" WARN something that is no JSON", file=sys.stderr)
    alpha = {"name": "alpha", "version": "2.0", "build": "py_0", "size_bytes": 1234, "kind": "conda"}
    print(json.dumps([alpha, {"name": "six", "version": "1.17.0", "build": None, "kind": "pypi"}]))


def install(root, prefix, options):
    listed = [
        {"_path": path, "path_type": "hardlink", "size_in_bytes": len(text)} for path, text in FILES.items()
    ]
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    (prefix / "bin").mkdir(exist_ok=True)
    (prefix / "bin" / "python").unlink(missing_ok=True)
    (prefix / "bin" / "python").symlink_to(sys._base_executable)
    record = {"files": list(FILES), "paths_data": {"paths": listed}}
    (prefix / "conda-meta" / "alpha-2.0-py_0.json").write_text(json.dumps(record))
    if "TEST_GATE" in os.environ:
        with Path(os.environ["TEST_GATE"]).open() as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
    for path, text in FILES.items():
        file = prefix / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    print(f"✔ The {prefix.name} environment has been installed.", file=sys.stderr)


def shell_hook(root, prefix, options):
    before = os.environ
    variables = {
        "PATH": f"{prefix}/bin:{before['PATH']}",
        "CONDA_PREFIX": str(prefix),
        "PIXI_PROJECT_ROOT": str(root),
        "PIXI_PROMPT": "(demo) ",
        "LD_LIBRARY_PATH": f"{prefix}/lib:{before.get('LD_LIBRARY_PATH', '')}",
        "SEEN_BY_SCRIPTS": " ".join(sorted({"SECRET", "HOME", "XDG_CONFIG_HOME"} & before.keys())),
    }
    print(json.dumps({"environment_variables": variables}))


COMMANDS = {"lock": lock, "list": packages, "install": install, "shell-hook": shell_hook}

if __name__ == "__main__":
    main(sys.argv[1:])
