"""
A process in which a call of the kernel that writes fails: Linux on x86-64.

The kernel itself gives the error in place of the call, whichever library makes it
(seccomp's notification of user space, seccomp_unotify(2)).
"""

import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
from dataclasses import dataclass

WRITES = {
    1: "write",
    3: "close",
    18: "pwrite64",
    20: "writev",
    73: "flock",
    74: "fsync",
    75: "fdatasync",
    77: "ftruncate",
    82: "rename",
    83: "mkdir",
    84: "rmdir",
    87: "unlink",
    90: "chmod",
    91: "fchmod",
    257: "openat",
    258: "mkdirat",
    263: "unlinkat",
    264: "renameat",
    280: "utimensat",
    285: "fallocate",
}
"""Calls that write, by their number on x86-64."""
BY_DESCRIPTOR = {"write", "close", "pwrite64", "writev", "flock", "fsync"} | {
    *("fdatasync", "ftruncate", "fchmod", "fallocate")
}
AT_FOLDER = {"openat", "mkdirat", "unlinkat", "renameat", "utimensat"}
TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT

SET_NO_NEW_PRIVS, SECCOMP, SET_MODE_FILTER, NEW_LISTENER = 38, 317, 1, 8
RECEIVE, SEND, CONTINUE = 0xC0502100, 0xC0182101, 1
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


@dataclass(frozen=True)
class Ended:
    """How the process ended, and the call that was made to fail, if it came to it."""

    code: int
    call: str | None
    path: str | None


def fork_failing(folder, number, error, *, lasting=False):
    """
    Fork; None in the child, whose call of that number in the folder fails.

    Counted from 0 are the calls that write anything below the folder. If the fault is
    ``lasting``, so do all that follow, but for those that only give up: closing,
    unlocking and removing.
    """
    ours, theirs = socket.socketpair()
    process = os.fork()
    if not process:
        ours.close()
        listener = _listener()
        socket.send_fds(theirs, [b"."], [listener])
        os.close(listener)
        theirs.close()
        return None
    theirs.close()
    _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
    ours.close()
    call, path = _answer(listener, f"{folder}{os.sep}", number, error, lasting)
    os.close(listener)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return Ended(code, call, path)


def _listener():
    """From now on, this process asks whoever reads the descriptor before it writes."""
    jumps = [
        (JUMP_IF_EQUAL, len(WRITES) - i, 0, number) for i, number in enumerate(WRITES)
    ]
    program = [(LOAD, 0, 0, 0), *jumps, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOTIFY)]
    code = ctypes.create_string_buffer(
        b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    )
    filtered = ctypes.create_string_buffer(
        struct.pack("H6xQ", len(program), ctypes.addressof(code))
    )
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = system.syscall(SECCOMP, SET_MODE_FILTER, NEW_LISTENER, filtered)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "the kernel lets no call be made to fail")
    return listener


def _answer(listener, below, number, error, lasting):
    """Answer every call until the process is gone; the name and file of the failed."""
    counted, failed = 0, (None, None)
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    while waiting.poll()[0][1] & select.POLLIN:
        asked = bytearray(80)
        try:
            fcntl.ioctl(listener, RECEIVE, asked)
        except OSError:  # it has died meanwhile
            continue
        key, process, _, call, _, _, *arguments = struct.unpack("QIIiIQ6Q", asked)
        name = WRITES[call]
        path = _path(process, name, arguments)
        fails = False
        if path is not None and f"{path}{os.sep}".startswith(below):
            fails = counted == number
            if lasting and counted > number:
                fails = name not in {"close", "flock", "unlink", "unlinkat", "rmdir"}
            if counted == number:
                failed = name, path
            counted += 1
        answer = (-error, 0) if fails else (0, CONTINUE)
        try:
            fcntl.ioctl(listener, SEND, struct.pack("QqiI", key, 0, *answer))
        except OSError as gone:
            if gone.errno != errno.ENOENT:
                raise
    return failed


def _path(process, name, arguments):
    """The file that a call writes; None: it only reads."""
    place = f"/proc/{process}"
    try:
        if name in BY_DESCRIPTOR:
            number = arguments[0] & 0xFFFFFFFF
            if name == "close" and not _is_to_write(place, number):
                return None
            return os.readlink(f"{place}/fd/{number}")
        if name == "openat" and not arguments[2] & TO_WRITE:
            return None
        at_folder = name in AT_FOLDER
        with open(f"{place}/mem", "rb", buffering=0) as memory:
            memory.seek(arguments[at_folder])
            path = os.fsdecode(memory.read(4096).partition(b"\0")[0])
        number = ctypes.c_int32(arguments[0] & 0xFFFFFFFF).value
        start = f"fd/{number}" if at_folder and number >= 0 else "cwd"
        return os.path.join(os.readlink(f"{place}/{start}"), path)
    except FileNotFoundError:  # no such descriptor
        return None


def _is_to_write(place, number):
    with open(f"{place}/fdinfo/{number}") as file:
        flags = dict(line.split(":", 1) for line in file if ":" in line)["flags"]
    return bool(int(flags, 8) & (os.O_WRONLY | os.O_RDWR))
