#!/usr/bin/python3
# usage: hold-lock.py FILE HELD UNTIL
#
# Takes the lock of FILE as certbot does, creates the file HELD, and gives the
# lock back when something, or the end of it, is read from the FIFO UNTIL.
import fcntl
import os
import sys

fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(fd, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
os.read(os.open(sys.argv[3], os.O_RDONLY), 1)
