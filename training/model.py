"""The compact network's graph in PyTorch, to be trained; and back again, its weights as the product reads them."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from indexing.networks.graph import INPUT, Add, Conv, Dense, GlobalAveragePool, Graph, activation

Arrays = dict[str, NDArray[np.generic]]


def as_tensor(values: NDArray[np.float32]) -> Tensor:
    """(n, h, w, 3) → (n, 3, h, w), channels last in memory, as PyTorch computes fastest."""
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


class GraphModel(nn.Module):
    """Each convolution of the graph, followed by a batch norm that `folded` makes part of it. (n, 3, h, w) → (n, units)."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.layers, self.norms = nn.ModuleDict(), nn.ModuleDict()
        for node in graph.nodes:
            if isinstance(node, Conv):
                channels = graph.parameters[node.name][0][2]
                pad = node.pads[0][0]
                assert node.pads == ((pad, pad), (pad, pad)), "PyTorch pads all sides alike"
                conv = nn.Conv2d(channels, node.filters, node.kernel, node.stride, pad, bias=False)
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
                self.layers[node.name], self.norms[node.name] = conv, nn.BatchNorm2d(node.filters)
                if node.name.endswith("_conv2"):  # each block begins as the identity
                    nn.init.zeros_(self.norms[node.name].weight)
            elif isinstance(node, Dense):
                self.layers[node.name] = nn.Linear(graph.parameters[node.name][0][0], node.units)

    def forward(self, pictures: Tensor) -> Tensor:
        values = {INPUT: pictures}
        for node in self.graph.nodes:
            if isinstance(node, Add):
                value = values[node.sources[0]] + values[node.sources[1]]
            elif isinstance(node, GlobalAveragePool):
                value = values[node.source].mean((2, 3))
            elif isinstance(node, Conv):
                value = self.norms[node.name](self.layers[node.name](values[node.source]))
            elif isinstance(node, Dense):
                value = self.layers[node.name](values[node.source])
            else:
                raise TypeError(f"no training for {type(node).__name__}")
            values[node.name] = functional.relu(value) if activation(node) == "relu" else value
        return values[self.graph.output]

    def folded(self) -> Arrays:
        """`<layer>/kernel` and `<layer>/bias`, float32, TensorFlow's axes, batch norms folded in."""
        arrays: Arrays = {}
        for name, layer in self.layers.items():
            weight = layer.weight.detach().double()
            if name in self.norms:
                norm = self.norms[name]
                gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
                weight = (weight * gain[:, None, None, None]).permute(2, 3, 1, 0)
                bias = norm.bias.detach().double() - norm.running_mean.double() * gain
            else:
                weight, bias = weight.t(), layer.bias.detach().double()
            arrays[f"{name}/kernel"] = weight.contiguous().numpy().astype(np.float32)
            arrays[f"{name}/bias"] = bias.numpy().astype(np.float32)
        return arrays

    def unfold(self, arrays: Mapping[str, NDArray[np.generic]], pictures: Tensor) -> None:
        """Take over weights whose norms are folded in, to train on: norms are set to undo what they measure on `pictures`."""

        def measure(norm: nn.BatchNorm2d, bias: Tensor, sources: tuple[Tensor, ...]) -> None:
            norm.running_mean.copy_(sources[0].mean((0, 2, 3)))
            norm.running_var.copy_(sources[0].var((0, 2, 3)))
            norm.weight.copy_(torch.sqrt(norm.running_var + norm.eps))
            norm.bias.copy_(bias + norm.running_mean)

        handles = []
        with torch.no_grad():
            for name, layer in self.layers.items():
                kernel, bias = (
                    torch.from_numpy(np.asarray(arrays[f"{name}/{part}"], np.float32)) for part in ("kernel", "bias")
                )
                if name in self.norms:
                    layer.weight.copy_(kernel.permute(3, 2, 0, 1))
                    norm = self.norms[name]
                    handles.append(norm.register_forward_pre_hook(lambda norm, given, bias=bias: measure(norm, bias, given)))
                else:
                    layer.weight.copy_(kernel.t())
                    layer.bias.copy_(bias)
            self.eval()
            self(pictures)
        for handle in handles:
            handle.remove()
