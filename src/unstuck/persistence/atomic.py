"""Files are replaced whole or not at all, and the operating system's errors say what to do."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import BinaryIO

from unstuck.errors import FileError, ParameterError, did_you_mean

FilePath = str | os.PathLike[str]

_FULL = "the disk is full. Free some space or choose another disk."
_FORBIDDEN = "no permission. Choose another place, or ask the owner for access."
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "your quota is used up. Free some space or choose another disk.",
    errno.EFBIG: "files of this size are not allowed here. Choose another disk or raise the limit.",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: "the disk can only be read. Choose another disk.",
    errno.EISDIR: "it is a folder. Name a file in it.",
    errno.ENOTDIR: "a part of the path is a file, not a folder. Check the path.",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one.",
    errno.ELOOP: "its links lead in a circle. Remove the link.",
    errno.EINVAL: "it is neither a file nor a folder. Name a file.",
}
_NAMES_LOOKED_AT = 1000


def named_path(path: FilePath) -> str:
    """The path of a file, as a text.

    Raises:
        ParameterError: it is something else.

    Example:
        >>> from pathlib import Path
        >>> named_path(Path("net.unstuck"))
        'net.unstuck'
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise ParameterError(
            f"path was {path!r:.100}; expected the name of a file, such as 'net.unstuck', or a "
            "pathlib.Path."
        )
    return os.fsdecode(path)


def explain(error: OSError, path: str, operation: str) -> FileError:
    """The error to raise instead of the operating system's.

    Args:
        error: what the operating system raised.
        path: the file, as the user named it.
        operation: "read" or "write".

    Example:
        >>> print(explain(OSError(errno.ENOSPC, ""), "net.unstuck", "write"))
        Cannot write 'net.unstuck': the disk is full. Free some space or choose another disk.
    """
    if error.errno == errno.ENOENT:
        advice = _advice_on_missing(path)
    else:
        # An errno that is not in the table is told in the operating system's words.
        advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}.")
    return FileError(f"Cannot {operation} {path!r}: {advice}")


def _advice_on_missing(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        # A folder may hold millions of files; a hint is not worth looking at all of them.
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in islice(entries, _NAMES_LOOKED_AT)]
    except OSError:
        return f"there is no folder {folder!r}. Create it, or check the path."
    return f"there is no such file.{did_you_mean(name, names) or ' Check the path.'}"


def file_mode(path: str) -> int:
    """Type and permissions of a regular file.

    Args:
        path: the file, or a link to it.

    Raises:
        OSError: there is none, or it is a folder, a pipe or a device.

    Example:
        >>> file_mode(os.devnull)
        Traceback (most recent call last):
        ...
        OSError: [Errno 22] is not a regular file
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is not a regular file")
    return mode


@contextmanager
def replacing(path: FilePath) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of ``path`` when the block ends without an error.

    At every moment, also after a power cut, ``path`` holds all of the old or all of the new.
    A link is followed, and the permissions of the old file are kept.

    Args:
        path: the file to write or replace; its folder must exist.

    Returns:
        A context manager; the binary file it gives is a temporary one in the same folder, which
        is removed when the block raises. A killed process leaves ``.unstuck-*.tmp`` behind.

    Raises:
        FileError: the file cannot be written; the old one, if any, is untouched.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(os.path.join(folder, "a.txt")) as file:
        ...         _ = file.write(b"all of it")
        ...     os.listdir(folder)
        ['a.txt']
    """
    named = named_path(path)
    if "\0" in named:
        raise FileError(f"Cannot write {named!r}: a path has no null characters. Check the path.")
    target = os.path.realpath(named)
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".unstuck-{secrets.token_hex(8)}.tmp")
    try:
        old_mode = _mode_to_keep(target)
        # "x": never follow or truncate what somebody else has put there.
        with open(temporary, "xb") as file:
            if old_mode is not None:
                os.chmod(temporary, old_mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise explain(error, named, "write") from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)
    _sync_folder(folder)


def _mode_to_keep(target: str) -> int | None:
    """The permissions of the file to be replaced; OSError where it is not one to be replaced."""
    try:
        mode = file_mode(target)
    except FileNotFoundError:
        return None
    if not os.access(target, os.W_OK):  # replacing needs no permission on the file, only manners
        raise PermissionError(errno.EACCES, "may not be written")
    return stat.S_IMODE(mode)


def _sync_folder(folder: str) -> None:
    # The new file is complete and in place. Where a folder cannot be synced (Windows, some
    # network disks), a power cut may at worst bring back the old file, whole.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: FilePath, text: str) -> None:
    """Write a text file (UTF-8, line ends as given), whole or not at all.

    Args:
        path: the file to write or replace; its folder must exist.
        text: all of the text.

    Raises:
        FileError: the file cannot be written; the old one, if any, is untouched.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_text(os.path.join(folder, "history.csv"), "epoch,loss\\n")
        ...     os.listdir(folder)
        ['history.csv']
    """
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = text[error.start : error.end]
        raise FileError(
            f"Cannot write {named_path(path)!r}: the text holds {shown!r}, half of a character. "
            "Remove it from the text."
        ) from None
    with replacing(path) as file:
        file.write(encoded)
