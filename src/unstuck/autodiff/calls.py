"""The graph inside a call: a compiled function, a function with its own rule, a loop, a branch."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from unstuck.activations import Array
from unstuck.autodiff.assemble import DERIVATIVE, Call, Leaf, assemble
from unstuck.autodiff.graph import Graph
from unstuck.autodiff.jaxprs import argument_names, as_function, program
from unstuck.autodiff.passes import forward, plain, pull, push, reverse
from unstuck.errors import ParameterError
from unstuck.lazy import jax

OWN_RULE = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")


def opened(call: Call, iteration: int = 0) -> Graph:
    """The graph inside a call, of one iteration where it is a loop."""
    with jax.enable_x64(call.wide):
        name, missing = call.operation.name, ""
        if call.mode == "reverse" and name == "while":
            missing = "JAX has no reverse mode through a while loop: the steps have values only."
        elif call.refused and name in (*OWN_RULE, "scan", "while"):
            missing = f"JAX has no {call.mode} mode through this {name}: {call.refused}"
        elif call.lost:
            missing = f"The {DERIVATIVE[call.mode]} that should reach this {name} are missing."
        elif call.mode == "reverse" and all(seed is None for seed in call.seeds):
            missing = f"No adjoint comes back to this {name}."
        if not missing:
            return _kind(call, iteration)
        nothing = replace(
            call,
            mode="values",
            seeds=[None] * len(call.seeds),
            tangents=[None] * len(call.tangents),
        )
        return replace(_kind(nothing, iteration), missing=missing)


def _kind(call: Call, iteration: int) -> Graph:
    name = call.operation.name
    if name == "scan":
        return _scan(call, iteration)
    if name == "while":
        return _while(call, iteration)
    if iteration not in (0, -1):
        raise _no_iteration(call, iteration, "it is run once")
    if name == "cond":
        return _cond(call)
    closed = call.operation.program()
    return (_own_rule if name in OWN_RULE else _inside)(call, closed)


def _inside(call: Call, closed: Any, notes: tuple[str, ...] = ()) -> Graph:
    """The graph of a closed program, with the call's seeds and tangents."""
    made = program(closed)
    if call.mode == "reverse":
        computed = reverse(made, call.inputs, call.seeds)
    elif call.mode == "forward":
        computed = forward(made, call.inputs, call.tangents)
    else:
        computed = plain(made, call.inputs)
    return assemble(made, computed, _leaves(call, closed), call.mode, opened, notes=notes)


def _leaves(call: Call, closed: Any) -> list[Leaf]:
    """What the arguments are called inside, and outside."""
    return [
        Leaf(name, outside.role, f"{outside.name} outside")
        for name, outside in zip(argument_names(closed), call.leaves, strict=True)
    ]


def _own_rule(call: Call, closed: Any, notes: tuple[str, ...] = ()) -> Graph:
    """Values inside; derivatives only where the function's own rule gives them."""
    made = program(closed)
    computed, given, results = plain(made, call.inputs), call.tangents, call.seeds
    if call.mode == "forward":
        results = push(call.operation, call.inputs, call.tangents)[1]
    elif call.mode == "reverse":
        given = pull(call.operation, call.inputs, call.seeds)
    computed.lost = {slot for operation in made.operations for slot in operation.outputs}
    for slot, part in zip((*made.arguments, *made.outputs), (*given, *results), strict=True):
        if part is not None:
            computed.derivatives[slot] = part
            computed.lost.discard(slot)
    kind = "custom_jvp" if call.operation.name == "custom_jvp_call" else "custom_vjp"
    missing = (
        f"{call.operation.called or 'This function'} has a derivative rule of its own ({kind}): "
        f"the {DERIVATIVE[call.mode]} of its arguments and results follow that rule, the steps "
        "inside have none."
    )
    return assemble(made, computed, _leaves(call, closed), call.mode, opened, missing, notes)


def _cond(call: Call) -> Graph:
    branches = call.operation.branches()
    taken = min(max(int(call.inputs[0]), 0), len(branches) - 1)
    rest = replace(call, inputs=call.inputs[1:], leaves=call.leaves[1:], tangents=call.tangents[1:])
    return _inside(rest, branches[taken], (f"Branch {taken} of {len(branches)} was taken.",))


def _scan(call: Call, iteration: int) -> Graph:
    """One iteration: the carry that the earlier ones left, the adjoint that the later ones sent."""
    loop = _Loop.of(call)
    k = iteration + loop.length if iteration < 0 else iteration
    if not 0 <= k < loop.length:
        raise _no_iteration(call, iteration, f"it makes {loop.length} iterations")
    carry = slice(loop.constants, loop.constants + loop.carries)
    inputs, tangents = (loop.cut(a, k, carry.stop) for a in (call.inputs, call.tangents))
    if k:
        before = [loop.cut(a, slice(0, k), carry.stop) for a in (call.inputs, call.tangents)]
        reached, moved = push(functools.partial(loop.run, k), *before)
        inputs[carry], tangents[carry] = reached[: loop.carries], moved[: loop.carries]
    seeds = loop.cut(call.seeds, k, loop.carries)
    if call.mode == "reverse" and k < loop.length - 1:
        after = slice(k + 1, loop.length)
        later = loop.cut(call.inputs, after, carry.stop)
        later[carry] = loop.body(*inputs)[: loop.carries]
        rest = functools.partial(loop.run, loop.length - 1 - k)
        seeds[: loop.carries] = pull(rest, later, loop.cut(call.seeds, after, loop.carries))[carry]
    leaves = _from_loop(call.leaves, loop.constants)
    once = replace(call, inputs=inputs, leaves=leaves, tangents=tangents, seeds=seeds)
    note = f"Iteration {k} of 0 to {loop.length - 1}."
    return _inside(once, call.operation.program(), (note,))


@dataclass(frozen=True)
class _Loop:
    """A ``scan``: its body reads constants, what it carries along, and a part of every stack.

    Attributes:
        body: one iteration.
        length: number of iterations.
        constants: number of arrays that stay.
        carries: number of arrays that are carried along.
        reverse: whether it goes through the stacks from the end.
    """

    body: Callable[..., list[Array]]
    length: int
    constants: int
    carries: int
    reverse: bool

    @staticmethod
    def of(call: Call) -> _Loop:
        return _Loop(as_function(call.operation.program()), *call.operation.loop())

    def run(self, count: int, *inputs: Array) -> list[Array]:
        """The loop over stacks of ``count`` parts."""

        def step(carry: list[Array], parts: list[Array]) -> tuple[list[Array], list[Array]]:
            results = self.body(*inputs[: self.constants], *carry, *parts)
            return results[: self.carries], results[self.carries :]

        fixed = self.constants + self.carries
        carry, stacked = jax.lax.scan(
            step,
            list(inputs[self.constants : fixed]),
            list(inputs[fixed:]),
            length=count,
            reverse=self.reverse,
        )
        return [*carry, *stacked]

    def cut(self, arrays: Sequence[Any], part: int | slice, first: int) -> list[Any]:
        """Arrays of which those from ``first`` on are stacks, cut to some iterations."""
        if self.reverse:
            last = self.length - 1
            part = (
                slice(last + 1 - part.stop, last + 1 - part.start)
                if isinstance(part, slice)
                else last - part
            )
        stacks = [None if array is None else array[part] for array in arrays[first:]]
        return [*arrays[:first], *stacks]


def _while(call: Call, iteration: int) -> Graph:
    """One iteration: the state that the earlier ones left, found by running them again."""
    condition, first, fixed = call.operation.condition()
    goes_on = jax.jit(as_function(condition))
    body = jax.jit(as_function(call.operation.program()))
    inputs, tangents = list(call.inputs[first:]), list(call.tangents[first:])

    def states() -> Iterator[list[Array]]:
        state = inputs[fixed:]
        while goes_on(*call.inputs[:first], *state)[0]:
            yield state
            state = body(*inputs[:fixed], *state)

    k = iteration if iteration >= 0 else iteration + sum(1 for _ in states())
    reached = next(itertools.islice(states(), k, None), None) if k >= 0 else None
    if reached is None:
        raise _no_iteration(call, iteration, f"it made {sum(1 for _ in states())} iterations")

    def run(*given: Array) -> list[Array]:
        state = list(given[fixed:])
        for _ in range(k):
            state = body(*given[:fixed], *state)
        return state

    tangents[fixed:] = push(run, inputs, tangents)[1]
    once = replace(
        call,
        inputs=[*inputs[:fixed], *reached],
        tangents=tangents,
        leaves=_from_loop(call.leaves[first:], fixed),
        seeds=[None] * len(reached),
    )
    return _inside(once, call.operation.program(), (f"Iteration {k}.",))


def _from_loop(leaves: Sequence[Leaf], fixed: int) -> list[Leaf]:
    """Names of what a loop's body reads, of which all but the first differ every time."""
    return [leaf if i < fixed else Leaf(leaf.name, "input") for i, leaf in enumerate(leaves)]


def _no_iteration(call: Call, iteration: int, what: str) -> ParameterError:
    return ParameterError(
        f"open: {call.operation.name} has no iteration {iteration}: {what}; count from 0, "
        "or from the last with -1."
    )
