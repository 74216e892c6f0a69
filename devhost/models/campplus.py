"""CAM++ (3D-Speaker, Alibaba DAMO) as ONNX, from its torch weights.

Input `feats`: (1, T, 80) log-mel energies with their mean over T subtracted, float32. Output `embedding`: (1, 192), not
normalised. Architecture: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking", arXiv 2303.00332, and the original's speakerlab/models/campplus/DTDNN.py, in evaluation mode.
"""

import numpy as np
import onnx

from devhost.models.checkpoint import read_checkpoint
from devhost.models.graph import Graph, Weights, batch_norm

MELS = 80
BLOCKS = ((12, 3, 1), (24, 3, 2), (16, 3, 2))
"""Densely connected blocks: layers, kernel, dilation."""
SEGMENT = 100
"""Frames of local context that are averaged for the mask, beside the average over all frames."""


def campplus_to_onnx(data: bytes) -> bytes:
    return _Network(read_checkpoint(data)).build()


class _Network:
    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.graph = Graph()

    def build(self) -> bytes:
        graph = self.graph
        x = graph.node("Transpose", "feats", perm=[0, 2, 1])
        x = self.head(graph.node("Unsqueeze", x, graph.integers(1)))
        x = graph.node("Relu", self.conv(x, "xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm", [2], [2]))
        for block, (layers, kernel, dilation) in enumerate(BLOCKS, 1):
            frames = graph.node("Slice", graph.node("Shape", x), graph.integers(2), graph.integers(3))
            for layer in range(1, layers + 1):
                name = f"xvector.block{block}.tdnnd{layer}"
                x = graph.node("Concat", x, self.dense_layer(x, name, kernel, dilation, frames), axis=1)
            name = f"xvector.transit{block}"
            x = self.conv(self.norm_relu(x, f"{name}.nonlinear.batchnorm"), f"{name}.linear")
        x = self.statistics(self.norm_relu(x, "xvector.out_nonlinear.batchnorm"))
        x = self.conv(x, "xvector.dense.linear", "xvector.dense.nonlinear.batchnorm")
        graph.node("Squeeze", x, graph.integers(2), output="embedding")
        width = self.weights["xvector.dense.linear.weight"].shape[0]
        return graph.finish("campplus", {"feats": (1, "T", MELS)}, {"embedding": (1, int(width))}, opset=18)

    def conv(
        self,
        x: str,
        name: str,
        norm: str = "",
        strides: list[int] | None = None,
        pads: list[int] | None = None,
        dilation: int = 1,
    ) -> str:
        weight = self.weights[f"{name}.weight"]
        sides = weight.ndim - 2
        return self.graph.convolution(
            x,
            weight,
            self.weights.get(f"{name}.bias"),
            batch_norm(self.weights, norm) if norm else None,
            strides=strides or [1] * sides,
            pads=(pads or [0] * sides) * 2,
            dilations=[dilation] * sides,
        )

    def head(self, x: str) -> str:
        """The 2-D residual front: (1, 1, 80, T) to (1, 320, T)."""
        x = self.relu(self.conv(x, "head.conv1", "head.bn1", pads=[1, 1]))
        for layer in ("layer1", "layer2"):
            for block in range(2):
                name = f"head.{layer}.{block}"
                strides = [2, 1] if block == 0 else [1, 1]
                y = self.relu(self.conv(x, f"{name}.conv1", f"{name}.bn1", strides, [1, 1]))
                y = self.conv(y, f"{name}.conv2", f"{name}.bn2", pads=[1, 1])
                if f"{name}.shortcut.0.weight" in self.weights:
                    x = self.conv(x, f"{name}.shortcut.0", f"{name}.shortcut.1", strides)
                x = self.relu(self.graph.node("Add", y, x))
        x = self.relu(self.conv(x, "head.conv2", "head.bn2", [2, 1], [1, 1]))
        return self.graph.node("Reshape", x, self.graph.integers(0, 320, -1))

    def relu(self, x: str) -> str:
        return self.graph.node("Relu", x)

    def norm_relu(self, x: str, name: str) -> str:
        """Batch normalisation before the convolution, which cannot be folded into one."""
        scale, shift = batch_norm(self.weights, name)
        x = self.graph.node("Mul", x, self.graph.constant(scale.astype(np.float32).reshape(1, -1, 1)))
        x = self.graph.node("Add", x, self.graph.constant(shift.astype(np.float32).reshape(1, -1, 1)))
        return self.relu(x)

    def dense_layer(self, x: str, name: str, kernel: int, dilation: int, frames: str) -> str:
        """One layer's new channels: local features, masked by what is around them."""
        graph = self.graph
        y = self.norm_relu(x, f"{name}.nonlinear1.batchnorm")
        y = graph.node("Relu", self.conv(y, f"{name}.linear1", f"{name}.nonlinear2.batchnorm"))
        local = self.conv(y, f"{name}.cam_layer.linear_local", pads=[(kernel - 1) // 2 * dilation], dilation=dilation)
        around = graph.node("ReduceMean", y, graph.integers(-1), keepdims=1)
        context = graph.node("Add", around, self.segments(y, frames))
        mask = graph.node("Relu", self.conv(context, f"{name}.cam_layer.linear1"))
        mask = graph.node("Sigmoid", self.conv(mask, f"{name}.cam_layer.linear2"))
        return graph.node("Mul", local, mask)

    def segments(self, y: str, frames: str) -> str:
        """The mean of each segment, repeated over its frames; the last one may be short."""
        graph = self.graph
        mean = graph.node("AveragePool", y, kernel_shape=[SEGMENT], strides=[SEGMENT], ceil_mode=1)
        mean = graph.node("Expand", graph.node("Unsqueeze", mean, graph.integers(3)), graph.integers(1, 1, 1, SEGMENT))
        mean = graph.node("Reshape", mean, graph.integers(0, 0, -1))
        return graph.node("Slice", mean, graph.integers(0), frames, graph.integers(2))

    def statistics(self, x: str) -> str:
        """Mean and unbiased standard deviation over time, (1, 2C, 1)."""
        graph = self.graph
        mean = graph.node("ReduceMean", x, graph.integers(-1), keepdims=1)
        apart = graph.node("Sub", x, mean)
        total = graph.node("ReduceSum", graph.node("Mul", apart, apart), graph.integers(-1), keepdims=1)
        frames = graph.node("Slice", graph.node("Shape", x), graph.integers(2), graph.integers(3))
        frames = graph.node("Cast", frames, to=onnx.TensorProto.FLOAT)
        degrees = graph.node("Sub", frames, graph.constant(np.array([1], np.float32)))
        return graph.node("Concat", mean, graph.node("Sqrt", graph.node("Div", total, degrees)), axis=1)
