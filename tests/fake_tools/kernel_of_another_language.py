"""A kernel that knows no more of Jupyter's protocol than some of other languages do.

It makes an address of transport, host and port with a colon, so that sockets' paths come out wrong; on
control it hears interrupts and the end only; and it answers to the nearest sender alone. With ``--signals``
an interrupt is a signal, else it would die of one.

A cell ``wait`` lasts until it is interrupted; any other is the name of a variable, whose value it prints;
``FOLDER`` is what ``--folder`` says.
"""

import argparse
import json
import os
import signal
import time
from pathlib import Path

import zmq
from jupyter_client.session import Session

parser = argparse.ArgumentParser()
parser.add_argument("connection_file", type=Path)
parser.add_argument("--folder", default="")
parser.add_argument("--signals", action="store_true")
options = parser.parse_args()
info = json.loads(options.connection_file.read_text())
session = Session(key=info["key"].encode())
context = zmq.Context()


def bound(kind, port):
    made = context.socket(kind)
    made.bind(f"{info['transport']}://{info['ip']}:{info[f'{port}_port']}")
    return made


shell, control, stdin = (bound(zmq.ROUTER, name) for name in ("shell", "control", "stdin"))
iopub, heart = bound(zmq.PUB, "iopub"), bound(zmq.REP, "hb")
interrupted = False


def interrupt(*_):
    global interrupted  # noqa: PLW0603
    interrupted = True


if options.signals:
    signal.signal(signal.SIGINT, interrupt)


def take(channel):
    idents, rest = session.feed_identities(channel.recv_multipart())
    return idents[:1], session.deserialize(rest)


def reply(channel, ident, parent, **content):
    kind = parent["msg_type"].replace("_request", "_reply")
    session.send(channel, kind, {"status": "ok", **content}, parent=parent, ident=ident)


def publish(kind, parent, **content):
    session.send(iopub, kind, content, parent=parent)


def hear_control(timeout):
    if not control.poll(timeout):
        return
    ident, message = take(control)
    if message["msg_type"] == "interrupt_request":
        interrupt()
        reply(control, ident, message)
    elif message["msg_type"] == "shutdown_request":
        reply(control, ident, message, restart=False)
        time.sleep(0.1)
        os._exit(0)


def execute(ident, message):
    global interrupted  # noqa: PLW0603
    interrupted = False
    publish("status", message, execution_state="busy")
    code = message["content"]["code"]
    if code == "wait":
        publish("stream", message, name="stdout", text="waits\n")
        while not interrupted:
            hear_control(20)
        failed = {"ename": "Interrupted", "evalue": "", "traceback": []}
        publish("error", message, **failed)
        reply(shell, ident, message, execution_count=1, **{**failed, "status": "error"})
    else:
        value = options.folder if code == "FOLDER" else os.environ.get(code, "")
        publish("stream", message, name="stdout", text=f"{value}\n")
        reply(shell, ident, message, execution_count=1)
    publish("status", message, execution_state="idle")


poller = zmq.Poller()
for socket in (shell, control, heart):
    poller.register(socket, zmq.POLLIN)
while True:
    ready = dict(poller.poll())
    if heart in ready:
        heart.send(heart.recv())
    if control in ready:
        hear_control(0)
    if shell in ready:
        ident, message = take(shell)
        if message["msg_type"] == "kernel_info_request":
            publish("status", message, execution_state="busy")
            reply(
                shell,
                ident,
                message,
                protocol_version="5.0",
                implementation="tongue",
                implementation_version="1",
                language_info={"name": "tongue", "version": "1", "mimetype": "x", "file_extension": ".t"},
                banner="",
            )
            publish("status", message, execution_state="idle")
        elif message["msg_type"] == "execute_request":
            execute(ident, message)
