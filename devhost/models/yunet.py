"""YuNet for pictures of any size: the published file says 640×640, though nothing in the network needs it.

At 640×480 a quarter of the work is saved. Width and height must be multiples of 32, the coarsest stride.
"""

import onnx

from devhost.models.graph import serialise


def free_size(data: bytes) -> bytes:
    model = onnx.load_from_string(data)
    graph = model.graph
    shape = graph.input[0].type.tensor_type.shape.dim
    shape[2].dim_param, shape[3].dim_param = "height", "width"
    for output in graph.output:  # cls_8, bbox_16, ...: one row a cell of that stride's grid
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_{output.name.split('_')[1]}"
    del graph.value_info[:]
    return serialise(model)
