"""The folder of compiled programs: the user's alone, nobody else's is changed, and it heals."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from unstuck.errors import UnstuckWarning
from unstuck.training import program_cache

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of POSIX")


@pytest.fixture
def cache_folder(monkeypatch: pytest.MonkeyPatch):
    """The folder that a value of the variable leads to; no JAX is set up."""

    def chosen(folder: Path | str) -> Path | None:
        monkeypatch.setenv(program_cache.CACHE_VARIABLE, str(folder))
        return program_cache._cache_folder()

    return chosen


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_a_new_folder_is_its_owners_alone(cache_folder, tmp_path):
    assert cache_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert mode(tmp_path / "a" / "b") == 0o700
    assert cache_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"


@pytest.mark.parametrize("permissions", [0o1777, 0o755, 0o750, 0o711])
def test_a_folder_that_others_use_is_left_alone(cache_folder, tmp_path, permissions):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(permissions)
    own = shared / f"unstuck-{os.getuid()}"
    for _ in range(2):
        assert cache_folder(shared) == own
        assert mode(shared) == permissions
        assert mode(own) == 0o700


@pytest.mark.parametrize("permissions", [0o777, 0o775, 0o702])
def test_a_folder_in_which_others_could_swap_ours_is_refused(cache_folder, tmp_path, permissions):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(permissions)
    with pytest.warns(UnstuckWarning, match="others may change what is in it.*UNSTUCK_CACHE"):
        assert cache_folder(shared) is None
    assert mode(shared) == permissions
    assert not list(shared.iterdir())


@pytest.mark.parametrize("planted", ["link", "open", "file"])
def test_what_somebody_has_put_in_our_place_is_refused(cache_folder, tmp_path, planted):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    own = shared / f"unstuck-{os.getuid()}"
    if planted == "link":
        own.symlink_to(tmp_path / "elsewhere")
    elif planted == "open":
        own.mkdir()
        own.chmod(0o755)
    else:
        own.touch()
    with pytest.warns(UnstuckWarning, match="compiled programs are not kept"):
        assert cache_folder(shared) is None
    assert planted != "open" or mode(own) == 0o755


def test_no_folder_can_be_made(cache_folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.warns(UnstuckWarning, match=r"cannot be used.*Set UNSTUCK_CACHE to another"):
        assert cache_folder(tmp_path / "file") is None
    assert cache_folder("off") is None


HEALS = """
import errno, os, sys, warnings
from pathlib import Path
import jax, numpy as np
from jax._src import compilation_cache
from unstuck.training.program_cache import use_cache

warnings.simplefilter("error")
folder = use_cache()
program, x = jax.jit(lambda x: x * 2 + 1), np.arange(3.0, dtype=np.float32)

def run():
    jax.clear_caches()
    assert program(x).tolist() == [1, 3, 5]

run()
(entry,) = folder.glob("*-cache")
whole = entry.stat().st_size
for size in (0, 1, whole // 2, whole - 1):
    os.truncate(entry, size)
    run()
    assert entry.stat().st_size > whole - 100, (size, entry.stat().st_size)
    before = entry.stat().st_ino, entry.stat().st_mtime_ns
    run()
    assert before == (entry.stat().st_ino, entry.stat().st_mtime_ns)  # read, not written

entry.unlink()
real = Path.write_bytes
def full(path, data):  # as a disk that fills up while JAX writes
    real(path, data[: len(data) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

Path.write_bytes = full
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    run()
    run()
Path.write_bytes = real
print([str(each.message) for each in told])
assert len(told) == 1 and "No space left" in str(told[0].message) and not entry.exists()

os.truncate(entry, 0) if entry.exists() else entry.touch()
jax.config.update("jax_compilation_cache_dir", sys.argv[1])  # a cache of the user's own
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    run()
assert entry.exists()
"""


def test_a_program_cut_short_is_compiled_and_kept_again(tmp_path):
    """Without a warning; and a disk that is full is told of once, in words of unstuck."""
    environment = {**os.environ, program_cache.CACHE_VARIABLE: str(tmp_path / "cache")}
    command = [sys.executable, "-c", HEALS, str(tmp_path / "users")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
