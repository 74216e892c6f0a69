"""MiniFASNet V2 and V1SE (minivision Silent-Face-Anti-Spoofing) as ONNX, from their torch weights.

Input `input`: (1, 3, 80, 80) BGR 0–255 float32. Output `prob`: (1, 3) after softmax; class 1 is a live face.
The layers are those of the original's src/model_lib/MiniFASNet.py, in evaluation mode (no dropout).
"""

import numpy as np

from devhost.models.checkpoint import read_checkpoint
from devhost.models.graph import Graph, Weights, batch_norm, serialise
from devhost.models.prelu import spell_out_prelu

SIZE = 80
STAGES = (("conv_3", 4, "conv_34"), ("conv_4", 6, "conv_45"), ("conv_5", 2, None))
"""Residual stages: name, number of blocks, and the strided block that follows."""


def minifasnet_to_onnx(data: bytes) -> bytes:
    weights = {name.removeprefix("module."): tensor for name, tensor in read_checkpoint(data).items()}
    return _Network(weights).build()


class _Network:
    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.graph = Graph()

    def build(self) -> bytes:
        x = self.unit("input", "conv1", stride=2, pad=1)
        x = self.unit(x, "conv2_dw", pad=1, group=self.channels("conv2_dw"))
        x = self.depth_wise(x, "conv_23", stride=2, residual=False)
        for stage, blocks, down in STAGES:
            for block in range(blocks):
                x = self.depth_wise(x, f"{stage}.model.{block}", stride=1, residual=True)
            if down:
                x = self.depth_wise(x, down, stride=2, residual=False)
        x = self.unit(x, "conv_6_sep")
        x = self.unit(x, "conv_6_dw", group=self.channels("conv_6_dw"))
        self.head(x)
        model = self.graph.model("minifasnet", {"input": (1, 3, SIZE, SIZE)}, {"prob": (1, 3)}, opset=13)
        spell_out_prelu(model)
        return serialise(model)

    def channels(self, prefix: str) -> int:
        return int(self.weights[f"{prefix}.conv.weight"].shape[0])

    def unit(
        self, x: str, prefix: str, *, stride: int = 1, pad: int = 0, group: int = 1, conv: str = "conv", bn: str = "bn"
    ) -> str:
        """Convolution, batch normalisation and, where the weights have one, PReLU."""
        x = self.graph.convolution(
            x,
            self.weights[f"{prefix}.{conv}.weight"],
            norm=batch_norm(self.weights, f"{prefix}.{bn}"),
            strides=[stride] * 2,
            pads=[pad] * 4,
            group=group,
        )
        slope = self.weights.get(f"{prefix}.prelu.weight")
        if slope is None:
            return x
        return self.graph.node("PRelu", x, self.graph.constant(slope.astype(np.float32).reshape(-1, 1, 1)))

    def depth_wise(self, x: str, prefix: str, *, stride: int, residual: bool) -> str:
        y = self.unit(x, f"{prefix}.conv")
        y = self.unit(y, f"{prefix}.conv_dw", stride=stride, pad=1, group=self.channels(f"{prefix}.conv_dw"))
        y = self.unit(y, f"{prefix}.project")
        if not residual:
            return y
        if f"{prefix}.se_module.fc1.weight" in self.weights:
            y = self.squeeze_excite(y, f"{prefix}.se_module")
        return self.graph.node("Add", x, y)

    def squeeze_excite(self, x: str, prefix: str) -> str:
        gate = self.graph.node("GlobalAveragePool", x)
        gate = self.graph.node("Relu", self.unit(gate, prefix, conv="fc1", bn="bn1"))
        gate = self.graph.node("Sigmoid", self.unit(gate, prefix, conv="fc2", bn="bn2"))
        return self.graph.node("Mul", x, gate)

    def head(self, x: str) -> None:
        """Linear, batch normalisation, linear, softmax."""
        weights, graph = self.weights, self.graph
        scale, shift = batch_norm(weights, "bn")
        linear = weights["linear.weight"].astype(np.float64).T * scale
        x = graph.node("Flatten", x, axis=1)
        x = graph.node("MatMul", x, graph.constant(linear.astype(np.float32)))
        x = graph.node("Add", x, graph.constant(shift.astype(np.float32)))
        x = graph.node("MatMul", x, graph.constant(weights["prob.weight"].T.astype(np.float32)))
        graph.node("Softmax", x, output="prob", axis=1)
