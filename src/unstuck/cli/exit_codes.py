"""What ``unstuck`` leaves with: the exit codes of every command."""

DONE = 0
"""The work is done; `unstuck verify`: the derivatives are right; `unstuck diagnose`: whatever was
found, because a finding is a result, and how grave it is only a reader can say."""

WRONG_DERIVATIVES = 1
"""`unstuck verify`: derivatives are wrong, or nothing could be judged."""

BAD_USAGE = 2
"""An option, a file or the data cannot be used; standard error says why."""

INTERRUPTED = 130
"""Ctrl-C, as shells count it: 128 and the number of the signal."""
