"""SFace (opencv_zoo `face_recognition_sface_2021dec_int8bq`) with its block-quantised weights as plain float32.

Neither onnxruntime nor OpenCV 5 runs the quantised form: its DequantizeLinear (operator set 21) has blocks. The weights
are (q - zero) * scale, so the float32 model computes the same numbers.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from devhost.models.graph import serialise
from devhost.models.prelu import spell_out_prelu

OPSET = 13
"""Enough for what remains (Conv, BatchNormalization, Relu, Gemm), and read by every runtime."""

type Constants = dict[str, NDArray[np.generic]]


def sface_to_onnx(data: bytes) -> bytes:
    model = onnx.load_from_string(data)
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights: Constants = {}
    kept = []
    used = {name for node in graph.node if node.op_type != "Dropout" for name in node.input}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            weights[node.output[0]] = _weight(node, constants)
        elif node.op_type == "Reshape" and node.input[0] in weights and node.input[1] in constants:
            shape = constants[node.input[1]].astype(np.int64)
            weights[node.output[0]] = weights[node.input[0]].reshape(shape)
        elif node.op_type == "Dropout":  # does nothing in evaluation
            _rewire(graph.node, node.output[0], node.input[0])
        elif node.op_type != "Constant" or node.output[0] in used:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    _keep_used(graph, weights)
    for opset in model.opset_import:
        if not opset.domain:
            opset.version = OPSET
    spell_out_prelu(model)
    return serialise(model)


def _weight(node: onnx.NodeProto, constants: Constants) -> NDArray[np.float32]:
    """(q - zero) * scale, where one scale covers `block_size` neighbours along `axis`."""
    quantised = constants[node.input[0]].astype(np.float32)
    scale = constants[node.input[1]].astype(np.float32)
    zero = constants[node.input[2]].astype(np.float32) if len(node.input) > 2 else np.zeros_like(scale)
    attributes = {attribute.name: attribute.i for attribute in node.attribute}
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)
    if block:
        length = range(quantised.shape[axis])
        scale, zero = (np.take(np.repeat(v, block, axis), length, axis) for v in (scale, zero))
    elif scale.size > 1:
        shape = [1] * quantised.ndim
        shape[axis] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return ((quantised - zero) * scale).astype(np.float32)


def _rewire(nodes: "list[onnx.NodeProto]", old: str, new: str) -> None:
    for node in nodes:
        for index, name in enumerate(node.input):
            if name == old:
                node.input[index] = new


def _keep_used(graph: onnx.GraphProto, weights: Constants) -> None:
    """Initialisers that are still used, the new ones among them, and only true inputs as inputs."""
    used = {name for node in graph.node for name in node.input}
    initialisers = [tensor for tensor in graph.initializer if tensor.name in used]
    initialisers += [numpy_helper.from_array(w, name) for name, w in weights.items() if name in used]
    constant = {tensor.name for tensor in initialisers}
    inputs = [value for value in graph.input if value.name in used and value.name not in constant]
    del graph.initializer[:], graph.input[:], graph.value_info[:]
    graph.initializer.extend(initialisers)
    graph.input.extend(inputs)
