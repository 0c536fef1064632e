"""Records episodes of Gymnasium's MuJoCo v5 tasks, for tests/tasks/gym_test.cc to replay.

    pip install gymnasium==1.4.0 mujoco-core==4.0.1 glfw pyopengl imageio packaging
    python tests/tasks/gym/record_gymnasium.py tests/testdata/gym

One .npz of float64 per task. S = steps of all episodes, one after the other; E = episodes;
M = recorded observations: every step of a short episode, else the first 20, every 10th, the last.
    length (E)   start_qpos (E, nq)   start_qvel (E, nv)   action (S, nu)
    reward, terminated, truncated, and each "reward_..." of info (S)   x_velocity (S) if in info
    observation (M, dim)   observation_episode (M)   observation_step (M): 0 is the reset's
"""

import sys
from pathlib import Path

import gymnasium
import numpy as np

TASKS = {  # name: (how actions are chosen, one per episode; every how many steps to keep)
    "HalfCheetah": (["uniform", "smooth", "bounds"], 10),
    "Hopper": (["uniform", "uniform", "smooth", "smooth", "bounds"], 10),
    "Walker2d": (["uniform", "uniform", "smooth", "smooth", "bounds"], 10),
    "Ant": (["uniform", "uniform", "smooth", "bounds"], 10),
    "Humanoid": (["uniform", "uniform", "smooth", "smooth", "bounds"], 10),
    "HumanoidStandup": (["uniform", "smooth", "bounds"], 20),
}
SHORT = 100  # steps: episodes up to this length keep every observation


def make_actions(kind, space, random):
    """Returns 1000 actions inside the space, as the float64 that float32 numbers hold exactly.

    float64, because Gymnasium computes its control cost in the type of the action it is given.
    """
    shape = (1000, space.shape[0])
    if kind == "uniform":
        unit = random.uniform(-1, 1, shape)
    elif kind == "smooth":
        period, phase = random.uniform(20, 60, shape[1]), random.uniform(0, 2 * np.pi, shape[1])
        unit = 0.1 * np.sin(2 * np.pi * np.arange(1000)[:, None] / period + phase)
    else:
        unit = np.repeat(random.choice([-1.0, 1.0], (20, shape[1])), 50, axis=0)
    return (unit * space.high).astype(np.float32).astype(np.float64)


def record_episode(env, kind, seed):
    observation, _ = env.reset(seed=seed)
    data = env.unwrapped.data
    start = data.qpos.copy(), data.qvel.copy()
    observations, rows = [observation], []
    for action in make_actions(kind, env.action_space, np.random.default_rng(seed)):
        observation, reward, terminated, truncated, info = env.step(action)
        observations.append(observation)
        numbers = {key: info[key] for key in info if key.startswith("reward_")}
        if "x_velocity" in info:
            numbers["x_velocity"] = info["x_velocity"]
        rows.append({"action": action, "reward": reward, "terminated": terminated,
                     "truncated": truncated, **numbers})
        if terminated or truncated:
            return start, observations, rows


def kept_steps(length, every):
    if length <= SHORT:
        return range(length + 1)
    return sorted({*range(21), *range(0, length, every), length})


def record_task(name, kinds, every):
    env = gymnasium.make(name + "-v5", disable_env_checker=True)
    columns = {}
    for episode, kind in enumerate(kinds):
        (qpos, qvel), observations, rows = record_episode(env, kind, seed=episode + 1)
        print(name, kind, len(rows), "terminated" if rows[-1]["terminated"] else "truncated")
        rows = {key: [row[key] for row in rows] for key in rows[0]}
        steps = kept_steps(len(rows["reward"]), every)
        rows |= {"length": [len(rows["reward"])], "start_qpos": [qpos], "start_qvel": [qvel],
                 "observation": [observations[step] for step in steps],
                 "observation_episode": [episode] * len(steps), "observation_step": steps}
        for key, values in rows.items():
            columns.setdefault(key, []).extend(values)
    return {key: np.array(values, dtype=np.float64) for key, values in columns.items()}


def main(folder):
    for name, (kinds, every) in TASKS.items():
        np.savez_compressed(Path(folder) / f"{name}.npz", **record_task(name, kinds, every))


if __name__ == "__main__":
    main(sys.argv[1])
