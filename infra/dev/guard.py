"""Ends what a supervisor started once the supervisor is gone, however it went.

Run as a script, never imported, so that it needs nothing but the standard library:

    guard.py watch FD                          one per supervisor
    guard.py run FD STOP_SIGNAL USER ARGV...   one per service; becomes the service

FD is a pipe. `run` enrols its own process in it and then turns into the service by `exec`, so a
service is on the list before it exists: there is no moment at which killing the supervisor leaves an
orphan. `watch` reads the list, and the end of file tells it that the supervisor has died, because the
kernel closes the pipe of a process that gets SIGKILL too.
"""

import contextlib
import os
import pwd
import signal
import sys
import time

GRACE_SECONDS = 5.0


def run(pipe: int, stop_signal: int, user: str, argv: list[str]) -> None:
    """Enrol this process group, take the identity of `user` if one is named, become `argv`.

    Exits with 127 and one line on standard error when the program cannot be started.
    """
    os.write(pipe, f"+ {os.getpid()} {stop_signal}\n".encode())
    os.set_inheritable(pipe, False)  # noqa: FBT003 - the signature is the standard library's
    try:
        if user:
            identity = pwd.getpwnam(user)  # KeyError names the user that is missing
            os.setgroups([])
            os.setgid(identity.pw_gid)
            os.setuid(identity.pw_uid)
        os.execvp(argv[0], argv)  # noqa: S606 - no shell is the point
    except (OSError, KeyError) as error:
        print(f"cannot run {argv[0]}: {error}", file=sys.stderr)
        sys.exit(127)


def watch(pipe: int) -> None:
    """Follow the list until the supervisor closes it, then end every group still on it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    enrolled: dict[int, int] = {}
    with os.fdopen(pipe) as lines:
        for line in lines:
            sign, leader, stop_signal = line.split()
            if sign == "+":
                enrolled[int(leader)] = int(stop_signal)
            else:
                enrolled.pop(int(leader), None)
    end(enrolled)


def end(enrolled: dict[int, int]) -> None:
    """Ask each leader to stop, newest first; after the grace time SIGKILL whatever remains."""
    for leader, stop_signal in reversed(enrolled.items()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, stop_signal)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(exists(leader) for leader in enrolled):
        # Not our children any more, so there is nothing to wait() on.
        time.sleep(0.02)
    for leader in enrolled:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    role, descriptor, *rest = sys.argv[1:]
    if role == "watch":
        watch(int(descriptor))
    else:
        run(int(descriptor), int(rest[0]), rest[1], rest[2:])
