"""Writes golden/mjlab.onnx and mjlab.npz: a policy as mjlab 1.6's exporter leaves it, by other code than ours.

Needs the packages onnx and numpy. Node names and constants follow torch.onnx's classic exporter on rsl_rl's MLP:
the normaliser's std + eps is one folded constant, linear layers are Gemm with transB.
"""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
WIDTHS = [9, 32, 16, 2]
rng = np.random.default_rng(5)


def csv(values):
    return ",".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in values)


mean = rng.normal(size=(1, 9)).astype(np.float32)
std = rng.uniform(0.5, 2.0, size=(1, 9)).astype(np.float32) + np.float32(0.01)
tensors = {"obs_normalizer._mean": mean, "onnx::Div_23": std}
nodes = [
    helper.make_node("Sub", ["obs", "obs_normalizer._mean"], ["/obs_normalizer/Sub_output_0"]),
    helper.make_node("Div", ["/obs_normalizer/Sub_output_0", "onnx::Div_23"], ["/obs_normalizer/Div_output_0"]),
]
x = "/obs_normalizer/Div_output_0"
layers = []
for i in range(3):
    w = (rng.normal(size=(WIDTHS[i + 1], WIDTHS[i])) / np.sqrt(WIDTHS[i])).astype(np.float32)
    b = rng.normal(size=WIDTHS[i + 1]).astype(np.float32) * np.float32(0.1)
    layers.append((w, b))
    tensors[f"mlp.{2 * i}.weight"], tensors[f"mlp.{2 * i}.bias"] = w, b
    out = "actions" if i == 2 else f"/mlp/mlp.{2 * i}/Gemm_output_0"
    nodes.append(helper.make_node("Gemm", [x, f"mlp.{2 * i}.weight", f"mlp.{2 * i}.bias"], [out],
                                  alpha=1.0, beta=1.0, transB=1))
    if i < 2:
        x = f"/mlp/mlp.{2 * i + 1}/Elu_output_0"
        nodes.append(helper.make_node("Elu", [out], [x], alpha=1.0))
graph = helper.make_graph(
    nodes, "main_graph",
    [helper.make_tensor_value_info("obs", TensorProto.FLOAT, [1, 9])],
    [helper.make_tensor_value_info("actions", TensorProto.FLOAT, [1, 2])],
    [numpy_helper.from_array(v, k) for k, v in tensors.items()])
model = helper.make_model(graph, producer_name="pytorch", producer_version="2.9.0", ir_version=8,
                          opset_imports=[helper.make_opsetid("", 18)])
helper.set_model_props(model, {
    "run_path": "local", "joint_names": "left_hip,right_hip",
    "joint_stiffness": csv([15.89524, 35.76430]), "joint_damping": csv([1.01192, 2.27683]),
    "default_joint_pos": csv([0.1, -1.8]), "command_names": "twist",
    "observation_names": "base_ang_vel,joint_pos,joint_vel,actions",
    "observation_terms_scale": csv([1.0] * 4), "observation_terms_clip": ",".join(["-inf;inf"] * 4),
    "observation_terms_history_length": csv([0.0] * 4), "observation_terms_flatten_history_dim": csv([1.0] * 4),
    "action_scale": csv([0.37276, 0.24850])})
onnx.checker.check_model(model, full_check=True)
onnx.save(model, os.path.join(HERE, "mjlab.onnx"))

observation = (rng.normal(size=(64, 9)) * 2).astype(np.float32)
y = (observation.astype(np.float64) - mean) / std
for i, (w, b) in enumerate(layers):
    y = y @ w.T.astype(np.float64) + b
    if i < 2:
        y = np.where(y > 0, y, np.expm1(y))
np.savez(os.path.join(HERE, "mjlab.npz"), obs=observation, actions=y)
