#!/usr/bin/python3
"""A plugin that passes a conversation on to another one, and at one step kills
the other plugin and itself, the host, or the driver, with SIGKILL: the step is
done, and nobody has heard of it yet. In the environment: KILL_PLUGIN (the other
plugin's path), KILL_WHO (plugin, host, driver; nobody), KILL_AT (the number of
the step), KILL_DIR (a directory: "steps" gets a line for each step of all such
plugins that changes something, "killed" is made when it has happened, "pids"
lists the processes). When the other plugin ends by itself, or by another hand,
this one ends likewise.
"""
import json
import os
import signal
import subprocess
import sys

HARMLESS = ("init", "prepare", "more-info", "preferences", "names",
            "enhancements")


def note(name, text):
    with open(os.environ["KILL_DIR"] + "/" + name, "a") as f:
        f.write(text + "\n")


def parent_of(pid):
    with open("/proc/%d/stat" % pid) as f:
        return int(f.read().rsplit(")", 1)[1].split()[1])


def steps():
    with open(os.environ["KILL_DIR"] + "/steps") as f:
        return len(f.readlines())


def kill(other):
    who = os.environ["KILL_WHO"]
    host = os.getppid()
    note("killed", who)
    if who == "plugin":
        other.kill()
        other.wait()
        os.kill(os.getpid(), signal.SIGKILL)
    os.kill(host if who == "host" else parent_of(host), signal.SIGKILL)


def ask(other, line):
    """Its reply; b"" when it has ended without one."""
    try:
        other.stdin.write(line)
        other.stdin.flush()
    except BrokenPipeError:
        return b""
    reply = other.stdout.readline()
    while b'"ok"' not in reply and b'"error"' not in reply and reply:
        sys.stdout.buffer.write(reply)
        sys.stdout.buffer.flush()
        reply = other.stdout.readline()
    return reply


def end_like(other):
    status = other.wait()
    if status < 0:
        os.kill(os.getpid(), -status)
    sys.exit(status)


def main():
    other = subprocess.Popen([os.environ["KILL_PLUGIN"]] + sys.argv[1:],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    note("pids", "%d\n%d" % (os.getpid(), other.pid))
    for line in sys.stdin.buffer:
        op = json.loads(line).get("op")
        reply = ask(other, line)
        if not reply:
            end_like(other)
        if op is not None and op not in HARMLESS:
            note("steps", " ".join([op, json.loads(line).get("title") or ""]).strip())
            if os.environ["KILL_WHO"] != "nobody" and \
                    steps() == int(os.environ["KILL_AT"]):
                kill(other)
        try:
            sys.stdout.buffer.write(reply)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            break
    other.stdin.close()
    end_like(other)


main()
