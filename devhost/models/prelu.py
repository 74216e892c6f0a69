"""PRelu spelled out in operators that onnxruntime keeps in its fast memory layout.

onnxruntime runs convolutions in a blocked layout and has no blocked PRelu, so that each one costs two reorderings of
the whole activation and a slow broadcast. PRelu(x) = slope * x + (1 - slope) * max(x, 0), written as Relu, two batch
normalisations (a scale a channel) and Add, stays blocked: SFace 40 → 22 ms, MiniFASNet 6.3 → 4.0 ms on one thread,
results equal to 2e-6.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


def spell_out_prelu(model: onnx.ModelProto) -> None:
    """Change the model in place. Slopes must be constants with one value a channel."""
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type == "PRelu":
            slope = constants[node.input[1]].astype(np.float32).ravel()
            nodes += _spelt_out(graph, node.input[0], node.output[0], slope)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _spelt_out(graph: onnx.GraphProto, x: str, y: str, slope: NDArray[np.float32]) -> list[onnx.NodeProto]:
    positive = helper.make_node("Relu", [x], [f"{y}_positive"])
    scaled, rest = f"{y}_scaled", f"{y}_rest"
    return [
        positive,
        _scale(graph, x, scaled, slope),
        _scale(graph, positive.output[0], rest, 1 - slope),
        helper.make_node("Add", [rest, scaled], [y]),
    ]


def _scale(graph: onnx.GraphProto, x: str, y: str, factor: NDArray[np.float32]) -> onnx.NodeProto:
    """factor * x a channel, as batch normalisation with mean 0 and variance 1."""
    zero, one = np.zeros_like(factor), np.ones_like(factor)
    names = []
    for role, value in (("scale", factor), ("shift", zero), ("mean", zero), ("variance", one)):
        names.append(f"{y}_{role}")
        graph.initializer.append(numpy_helper.from_array(value, names[-1]))
    return helper.make_node("BatchNormalization", [x, *names], [y], epsilon=0.0)
