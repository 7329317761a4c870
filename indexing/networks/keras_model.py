"""A graph as a Keras functional model. TensorFlow is imported here, when called, and nowhere at the top of a module."""

from typing import Any

from indexing.networks.graph import INPUT, Add, Conv, Dense, Flatten, GlobalAveragePool, Graph, MaxPool, Node
from indexing.weights.record import Weights


def keras_model(graph: Graph, weights: Weights, dtype_policy: str = "float32") -> Any:
    """A `keras.Model`: (n, side, side, 3) float32 → [output (n, units), features (n, h, w, c)], with the weights in it.

    `dtype_policy` is Keras's: `mixed_float16` computes in half precision (for GPUs) and is not the reference.
    """
    import keras

    tensors: dict[str, Any] = {INPUT: keras.Input((graph.side, graph.side, 3), name=INPUT)}
    for node in graph.nodes:
        tensors[node.name] = _apply(keras.layers, node, tensors, dtype_policy)
    model = keras.Model(tensors[INPUT], [tensors[graph.output], tensors[graph.features]])
    for name, layer in weights.reader.layers(graph.parameters):
        model.get_layer(name).set_weights([layer.kernel, layer.bias])
    return model


def _apply(layers: Any, node: Node, tensors: dict[str, Any], policy: str) -> Any:
    def named(kind: Any, *args: Any, **options: Any) -> Any:
        return kind(*args, name=node.name, dtype=policy, **options)

    match node:
        case Conv():
            same = node.stride == 1 and node.pads == ((node.kernel // 2, node.kernel // 2),) * 2 and node.kernel % 2 == 1
            source = tensors[node.source]
            if not same and any(any(pair) for pair in node.pads):
                source = layers.ZeroPadding2D(node.pads, name=f"{node.name}_pad", dtype=policy)(source)
            return named(
                layers.Conv2D,
                node.filters,
                node.kernel,
                strides=node.stride,
                padding="same" if same else "valid",
                activation="relu" if node.relu else None,
                kernel_initializer="zeros",  # drawing numbers that are overwritten at once takes seconds
            )(source)
        case Dense():
            activation = "relu" if node.relu else None
            return named(layers.Dense, node.units, activation=activation, kernel_initializer="zeros")(tensors[node.source])
        case MaxPool():
            return named(layers.MaxPooling2D, node.size, strides=node.stride)(tensors[node.source])
        case GlobalAveragePool():
            return named(layers.GlobalAveragePooling2D)(tensors[node.source])
        case Flatten():
            return named(layers.Flatten)(tensors[node.source])
        case Add(relu=True):
            total = layers.Add(name=f"{node.name}_sum", dtype=policy)([tensors[name] for name in node.sources])
            return named(layers.ReLU)(total)
        case Add():
            return named(layers.Add)([tensors[name] for name in node.sources])
