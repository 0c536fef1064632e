"""A policy as mjlab 1.6 itself exports it. Needs mjlab==1.6.0; runs on a CPU, one env.

python golden.py                             writes golden/mjlab.onnx and mjlab.npz: random weights
python golden.py POLICY.safetensors OUT.onnx writes weights of Fleet (go1-flat) as mjlab would its own

mjlab's task is built, its runner makes rsl_rl's actor, and the runner's save() exports it with what that env tells.
"""

import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import torch
from mjlab.envs import ManagerBasedRlEnv
from mjlab.rl import RslRlVecEnvWrapper
from mjlab.tasks.registry import load_env_cfg, load_rl_cfg, load_runner_cls

TASK = "Mjlab-Velocity-Flat-Unitree-Go1"
GOLDEN = Path(__file__).resolve().parent / "golden"
DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64}


def load_safetensors(path):
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[start + begin : start + end], DTYPES[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def weights_of_fleet(path):
    ours = load_safetensors(path)
    variance = ours["normaliser/actor/variance"]
    weights = {"obs_normalizer._mean": ours["normaliser/actor/mean"][None], "obs_normalizer._var": variance[None],
               "obs_normalizer._std": np.sqrt(variance)[None]}
    num_layers = sum(name.startswith("actor/") and name.endswith(".bias") for name in ours)
    for i in range(num_layers):
        for kind in ("weight", "bias"):
            weights[f"mlp.{2 * i}.{kind}"] = ours[f"actor/{i}.{kind}"]
    return weights


def random_weights(widths=(48, 16, 8, 12)):
    rng = np.random.default_rng(5)
    std = rng.uniform(0.5, 2.0, size=(1, widths[0]))
    weights = {"obs_normalizer._mean": rng.normal(size=(1, widths[0])), "obs_normalizer._var": std**2,
               "obs_normalizer._std": std}
    for i in range(len(widths) - 1):
        weights[f"mlp.{2 * i}.weight"] = rng.normal(size=(widths[i + 1], widths[i])) / np.sqrt(widths[i])
        weights[f"mlp.{2 * i}.bias"] = 0.1 * rng.normal(size=widths[i + 1])
    return weights


def make_runner(weights, folder):
    env_config, config = load_env_cfg(TASK), load_rl_cfg(TASK)
    env_config.scene.num_envs = 1
    biases = [values for name, values in weights.items() if name.endswith(".bias")]
    config.actor.hidden_dims = tuple(len(bias) for bias in biases[:-1])
    env = RslRlVecEnvWrapper(ManagerBasedRlEnv(cfg=env_config, device="cpu"))
    runner = load_runner_cls(TASK)(env, asdict(config) | {"logger": "tensorboard", "upload_model": False}, folder, "cpu")
    actor = runner.alg.get_policy()
    tensors = {name: torch.tensor(np.array(values), dtype=torch.float32) for name, values in weights.items()}
    actor.load_state_dict(actor.state_dict() | tensors)
    return runner


def export(runner, out):
    """What a training of mjlab does at every checkpoint: RUN/model_0.pt and RUN/RUN.onnx."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        run.mkdir()
        runner.save(str(run / "model_0.pt"))
        shutil.copy(run / "run.onnx", out)


def write_golden():
    runner = make_runner(random_weights(), tempfile.mkdtemp())
    export(runner, GOLDEN / "mjlab.onnx")
    observation = (2 * np.random.default_rng(6).normal(size=(64, 48))).astype(np.float32)
    policy = runner.alg.get_policy().as_onnx(verbose=False).double().eval()
    with torch.no_grad():
        actions = policy(torch.tensor(observation, dtype=torch.float64)).numpy()
    np.savez(GOLDEN / "mjlab.npz", obs=observation, actions=actions)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        export(make_runner(weights_of_fleet(sys.argv[1]), tempfile.mkdtemp()), sys.argv[2])
    else:
        write_golden()
