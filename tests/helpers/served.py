"""served.py SOCKET PROGRAM

Loads a certbot written in Python, PROGRAM, once, and runs it for each
tests/helpers/served that asks, in a copy of this process: what a run does is
done anew, only the modules are there already. A run gets the arguments,
environment, directory, umask, standard files and terminal of who asks. What could make
the modules other ones than a start of PROGRAM would have loaded must be as it
is here; if it is not, the answer is "no", and PROGRAM is started.

The answer is one line: no, or the status of wait(2).
"""
import array
import fcntl
import gc
import io
import os
import re
import selectors
import signal
import socket
import struct
import sys
import termios

# What is read when certbot runs, not when it is loaded.
FREE = re.compile(rb'(_|SHLVL|PWD|OLDPWD|ACME_SERVER|REQUESTS_CA_BUNDLE|SSL_CERT_FILE|'
                  rb'CURL_CA_BUNDLE|LEGO_CA_CERTIFICATES|[A-Z0-9]+_PORT|CA_[A-Z_]*|'
                  rb'FAULTD[A-Z_]*|PATH|TMPDIR|EDITOR|COLUMNS|TERM)=')

# Python ignores these itself; a shell has the background ignore the others.
CHANGED = {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT}


def read(pid, name):
    with open('/proc/%s/%s' % (pid, name), 'rb') as f:
        return f.read()


def environ(pid):
    return [x for x in read(pid, 'environ').split(b'\0') if x]


def status_of(pid):
    return dict(x.split(b':\t', 1) for x in
                read(pid, 'status').splitlines() if b':\t' in x)


def ignores(status, *signals):
    return [bool(int(status[b'SigIgn'], 16) >> x - 1 & 1) for x in signals]


def state(pid):
    """What must be the same."""
    status = status_of(pid)
    return (read(pid, 'limits'),
            ignores(status, *(set(range(1, 32)) - CHANGED)),
            [status[x] for x in (b'Uid', b'Gid', b'Groups', b'CapEff', b'NoNewPrivs')],
            [os.readlink('/proc/%s/%s' % (pid, x)) for x in
             ('root', 'ns/mnt', 'ns/net', 'ns/user')],
            sorted(x for x in environ(pid) if not FREE.match(x)))


def files(peer):
    """The three standard files of who asks."""
    fds = array.array('i')
    _, more, _, _ = peer.recvmsg(1, socket.CMSG_SPACE(3 * fds.itemsize))
    for _, _, data in more:
        fds.frombytes(data)
    return fds


def stream(name, fd):
    """A new sys.NAME, as a start of Python makes it."""
    old = getattr(sys, name)
    mode = 'r' if fd == 0 else 'w'
    new = io.TextIOWrapper(
        open(fd, mode + 'b', -1, closefd=False), encoding=old.encoding,
        errors=old.errors, newline='\n', line_buffering=fd == 2 or os.isatty(fd))
    new.mode = mode
    setattr(sys, name, new)
    setattr(sys, '__%s__' % name, new)


def usable(pid, fds):
    """A terminal is given over by the leader of its session alone."""
    terminals = [os.isatty(x) for x in fds]
    return len(fds) == 3 and (not any(terminals) or
                              terminals[0] and os.getsid(pid) == pid)


def become(pid, fds):
    """Takes over what is of who asks; its arguments."""
    # What is to be done at its end is done by who has loaded it.
    util._INITIAL_PID = os.getpid()
    status = status_of(pid)
    os.umask(int(status[b'Umask'], 8))
    for number, own in ((signal.SIGINT, signal.default_int_handler),
                        (signal.SIGQUIT, signal.SIG_DFL)):
        signal.signal(number, signal.SIG_IGN if ignores(status, number)[0] else own)
    os.chdir('/proc/%s/cwd' % pid)
    os.environb.clear()
    for assignment in environ(pid):
        name, _, value = assignment.partition(b'=')
        os.environb[name] = value
    for fd, given in enumerate(fds):
        os.dup2(given, fd)
        os.close(given)
    if os.isatty(0):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for fd, name in enumerate(('stdin', 'stdout', 'stderr')):
        stream(name, fd)
    return [os.fsdecode(x) for x in read(pid, 'cmdline').split(b'\0')[2:-1]]


def serve(path, own):
    """Returns in each copy, with the arguments of its run."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, \
            selectors.DefaultSelector() as events:
        listener.bind(path + '.new')
        listener.listen(16)
        os.rename(path + '.new', path)
        events.register(listener, selectors.EVENT_READ)
        peers = {}
        while True:
            for key, _ in events.select():
                if key.fileobj is listener:
                    peer, _ = listener.accept()
                    pid = struct.unpack('3i', peer.getsockopt(
                        socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
                    fds = files(peer)
                    child = 0
                    if not usable(pid, fds) or state(pid) != own:
                        peer.send(b'no')
                    else:
                        child = os.fork()
                        if child == 0:
                            for other in [peer] + [x[1] for x in peers.values()]:
                                other.close()
                            break
                    for fd in fds:
                        os.close(fd)
                    if child == 0:
                        peer.close()
                        continue
                    done = os.pidfd_open(child)
                    peers[done] = child, peer
                    peers[peer.fileno()] = child, peer
                    events.register(done, selectors.EVENT_READ, True)
                    events.register(peer, selectors.EVENT_READ, False)
                elif key.data:
                    child, peer = peers.pop(key.fd)
                    del peers[peer.fileno()]
                    _, status = os.waitpid(child, 0)
                    events.unregister(key.fd)
                    events.unregister(peer)
                    os.close(key.fd)
                    try:
                        peer.send(b'%d' % status)
                    except OSError:
                        pass
                    peer.close()
                else:
                    # Who asks has been killed.
                    os.kill(peers[key.fd][0], signal.SIGTERM)
                    events.modify(key.fileobj, 0, False)
            else:
                continue
            break
    return become(pid, fds)


# Where there is none, this ends before anybody can ask.
os.close(os.pidfd_open(os.getpid()))
sys.path[0] = os.path.dirname(sys.argv[2])
OWN = state('self')
from importlib.metadata import distribution  # noqa: E402
next(x for x in distribution('certbot').entry_points
     if x.group == 'console_scripts').load()
from certbot import util  # noqa: E402
from certbot._internal.plugins import disco  # noqa: E402
disco.PluginsRegistry.find_all()
gc.collect()
gc.freeze()
sys.argv = serve(sys.argv[1], OWN)
with open(sys.argv[0], encoding='utf-8') as source:
    code = compile(source.read(), sys.argv[0], 'exec')
exec(code)
