"""What layers must let be seen, checked without computing anything."""

from __future__ import annotations

from unstuck.kept import kept
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Layer, Own, Spec
from unstuck.layers.network import Network
from unstuck.layers.table import LAYERS
from unstuck.lazy import jax, jnp


@kept(most=128)
def unseen(network: Network) -> tuple[str, ...]:
    """A sentence for every layer of a user's own that does not let see what its unit receives."""
    return tuple(
        f"the layer {name}, {type(layer).__name__}, keeps no 'preactivation'; history, signals and "
        "derivatives need what its unit receives. Write a = flow.see('preactivation', a) in its "
        "__call__, before flow.activate(self.unit, a)."
        for (name, layer), spec in zip(network.layers, network.specs(), strict=False)
        if type(layer) not in LAYERS.values() and "preactivation" not in _seen(name, layer, spec)
    )


def _seen(name: str, layer: Layer, inputs: Spec) -> set[str]:
    """What a layer lets be seen of one row."""
    flow = Flow(jnp)

    def run(own: Own, x: jax.Array) -> jax.Array:
        with flow.within(name, 0, False):
            return layer(own, x, flow)

    own = {
        kind: jax.ShapeDtypeStruct(weight.shape, jnp.float32)
        for kind, weight in layer.weights(inputs).items()
    }
    jax.eval_shape(run, own, jax.ShapeDtypeStruct((1, *inputs.shape), jnp.float32))
    return set(flow.seen[name])
