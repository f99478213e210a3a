"""What the embedded servers are made of: knowing a process again, leases, and programs that another account can run."""

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from adapters.embedded import accounts, postgres
from adapters.embedded.leases import FileLock, Lease, is_anyone_left
from adapters.embedded.processes import Command, find, is_alive, spawn


def test_a_zombie_is_dead_and_a_stranger_with_its_number_is_not_ours() -> None:
    instance = f"tzurot-{secrets.token_hex(8)}"
    program = [sys.executable, "-c", "print('up', flush=True); input()", instance]
    child = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"up\n"
    assert is_alive(child.pid, instance)
    assert find(instance) == [child.pid]
    assert not is_alive(child.pid, "tzurot-another")
    assert not is_alive(os.getpid(), instance)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and left unreaped
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert not is_alive(child.pid, instance)
    assert find(instance) == []
    child.communicate()


def test_a_process_started_here_is_alive_from_its_first_instant_and_reaped_when_it_ends(tmp_path: Path) -> None:
    instance = f"tzurot-{secrets.token_hex(8)}"
    command = Command([sys.executable, "-c", "import time; time.sleep(600)", instance], cwd=tmp_path)
    for _ in range(20):
        pid = spawn(command, tmp_path / "log")
        assert is_alive(pid, instance)
        assert not is_alive(pid, "tzurot-another")
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(pid, instance)
        assert not psutil.pid_exists(pid)


def test_a_lease_counts_while_it_is_held_and_a_forgotten_one_is_removed(tmp_path: Path) -> None:
    mine, theirs = Lease(tmp_path), Lease(tmp_path)
    mine.take()
    assert not is_anyone_left(tmp_path, besides=mine)
    theirs.take()
    assert is_anyone_left(tmp_path, besides=mine)
    theirs.release()
    (tmp_path / "1-forgotten.lease").touch()
    assert not is_anyone_left(tmp_path, besides=mine)
    mine.release()
    assert list(tmp_path.glob("*.lease")) == []


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.try_take()
    assert not second.try_take()
    first.release()
    assert second.try_take()
    second.release()


def test_copied_programs_run_and_others_can_reach_them(tmp_path: Path) -> None:
    installed = postgres._installed_programs()
    copy = tmp_path / "shared" / "copy"
    accounts._copy_programs(installed, copy)
    programs = copy / installed.parent.name / installed.name
    answer = subprocess.run([programs / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("postgres (PostgreSQL) 18")
    assert (copy.stat().st_mode & 0o777, programs.stat().st_mode & 0o777) == (0o755, 0o755)
