"""Build an ONNX graph node by node, with batch normalisation folded into the convolution before it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

type Shape = Sequence[int | str]
type Weights = Mapping[str, NDArray[Any]]

BATCH_NORM_EPSILON = 1e-5
"""torch.nn.BatchNorm's default, which both converted networks were trained with."""


class Graph:
    """Nodes and constants in the order they are added, so that equal input gives equal bytes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node and return its output's name."""
        name = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def convolution(
        self,
        x: str,
        kernel: NDArray[Any],
        bias: NDArray[Any] | None = None,
        norm: tuple[NDArray[Any], NDArray[Any]] | None = None,
        **attributes: Any,
    ) -> str:
        """Conv, with `norm` (scale and shift a channel, see `batch_norm`) of a following layer folded in."""
        kernel = kernel.astype(np.float64)
        if norm:
            scale, shift = norm
            kernel = kernel * scale.reshape(-1, *[1] * (kernel.ndim - 1))
            bias = shift if bias is None else bias.astype(np.float64) * scale + shift
        inputs = [x, self.constant(kernel.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32)))
        return self.node("Conv", *inputs, kernel_shape=list(kernel.shape[2:]), **attributes)

    def finish(self, name: str, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], opset: int) -> bytes:
        """The checked model as bytes; inputs and outputs are float32."""
        return serialise(self.model(name, inputs, outputs, opset))

    def model(
        self, name: str, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], opset: int
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, list(s)) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, list(s)) for n, s in outputs.items()],
            self._constants,
        )
        # ir_version is fixed: its default follows the onnx release, and the bytes are locked by their sum.
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def batch_norm(weights: Weights, prefix: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift a channel of the BatchNorm stored under `prefix` (with or without learned weights)."""
    mean = weights[f"{prefix}.running_mean"].astype(np.float64)
    variance = weights[f"{prefix}.running_var"].astype(np.float64)
    gain = weights.get(f"{prefix}.weight", np.ones_like(mean)).astype(np.float64)
    scale = gain / np.sqrt(variance + BATCH_NORM_EPSILON)
    return scale, weights.get(f"{prefix}.bias", np.zeros_like(mean)).astype(np.float64) - mean * scale


def serialise(model: onnx.ModelProto) -> bytes:
    """Check and serialise so that the same model gives the same bytes everywhere."""
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
