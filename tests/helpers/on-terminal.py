#!/usr/bin/python3
"""Runs a command on a terminal of its own and plays the person before it.

usage: on-terminal.py [-c COLUMNS] [-1 FILE] [-2 FILE] [-r]
                      [-w TEXT | -s TEXT | -p TEXT | -x FILE | -d]...
                      -- COMMAND [ARGUMENT...]

 -w TEXT  waits until TEXT is printed (after what was waited for before)
 -s TEXT  types TEXT; \\n, \\x04 and the like are understood
 -p TEXT  picks the entry of a menu that has TEXT: waits for the entry and for
          the prompt below the menu, types its number
 -x FILE  does what sh does with FILE, which finds what was shown so far on its
          standard input
 -d       hangs up: the terminal goes away
 -1, -2   standard output, standard error go to FILE instead
 -r       what is printed is shown as it came, with carriage returns

What the terminal showed is printed, with what was typed. The exit status is
the command's, 128 + N after signal N, 99 if TEXT has not come in 60 seconds or
before the end; then standard error says so.
"""
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60


def options(words):
    columns, files, raw, steps = 80, {}, False, []
    while words and words[0] != "--":
        word = words.pop(0)
        if word == "-r":
            raw = True
        elif word == "-d":
            steps.append(("hang up", b""))
        elif word == "-c":
            columns = int(words.pop(0))
        elif word in ("-1", "-2"):
            files[int(word[1])] = words.pop(0)
        elif word in ("-w", "-s", "-p", "-x"):
            text = words.pop(0).encode().decode("unicode_escape")
            steps.append(({"-w": "wait", "-s": "send", "-p": "pick",
                           "-x": "run"}[word], text.encode("latin-1")))
        else:
            sys.exit("on-terminal.py: what is " + word + "?")
    return columns, files, raw, steps, words[1:]


def begin(columns, files, command):
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    ends = {n: open(path, "wb") for n, path in files.items()}

    def own_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # As a shell that waits for it would: a suite in the background ignores it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    os.environ.setdefault("TERM", "xterm")
    child = subprocess.Popen(command, stdin=slave, stdout=ends.get(1, slave),
                             stderr=ends.get(2, slave),
                             start_new_session=True, preexec_fn=own_terminal)
    os.close(slave)
    return master, child


class Screen:
    def __init__(self, master, raw):
        self.master, self.raw = master, raw
        self.shown, self.told, self.at, self.ended = b"", 0, 0, False

    def tell(self, data):
        """Printed as it comes; "\r\n", which may come in two parts, as "\n"."""
        if not self.raw:
            data = data.replace(b"\r\n", b"\n")
        sys.stdout.buffer.write(data)
        sys.stdout.flush()

    def read(self, until):
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # nobody has the other end any more
            data = b""
        self.ended = not data
        self.shown += data
        if data.endswith(b"\r") and not self.raw:
            self.read(until)
        self.tell(self.shown[self.told:])
        self.told = len(self.shown)
        return bool(data)

    def wait(self, text):
        return self.wait_for(re.compile(re.escape(text))) is not None

    def wait_for(self, pattern):
        until = time.monotonic() + PATIENCE
        while True:
            found = pattern.search(self.shown, self.at)
            if found:
                self.at = found.end()
                return found
            if self.ended or not self.read(until):
                return None

    def pick(self, text):
        # An entry may have several lines.
        entry = self.wait_for(re.compile(
            rb"(?m)^(\d+): (?:(?!^\d+: )[\s\S])*?" + re.escape(text)))
        if entry is None or not self.wait(b"to cancel)"):
            return False
        os.write(self.master, entry.group(1) + b"\n")
        return True


def main():
    columns, files, raw, steps, command = options(sys.argv[1:])
    master, child = begin(columns, files, command)
    screen = Screen(master, raw)
    status = None
    for what, text in steps:
        if what == "wait" and not screen.wait(text.replace(b"\n", b"\r\n")) or \
                what == "pick" and not screen.pick(text):
            sys.stderr.write("never shown: %r\n" % text.decode("latin-1"))
            status = 99
            break
        if what == "send":
            os.write(master, text)
        if what == "run":
            subprocess.run(["sh", text.decode()], check=False,
                           input=screen.shown.replace(b"\r\n", b"\n"))
        if what == "hang up":
            os.close(master)
            screen.ended = True
    if status is None:
        until = time.monotonic() + PATIENCE
        while not screen.ended and screen.read(until):
            pass
    if status is None and not screen.ended:
        sys.stderr.write("it does not end\n")
        status = 99
    if status is not None and child.poll() is None:
        child.terminate()
    code = child.wait(PATIENCE)
    if status is None:
        status = code if code >= 0 else 128 - code
    sys.exit(status)


main()
