"""Gymnasium's Env: one of Fleet's envs."""

from __future__ import annotations

from typing import Any

import gymnasium

from fleet.vector_env import VectorEnv, row_of


class Env(gymnasium.Env):
    """A single env, which does not start over by itself. Takes what VectorEnv takes, but num_envs."""

    metadata = {"render_modes": []}

    def __init__(self, task: str, **arguments: Any):
        self.vector_env = VectorEnv(task, 1, **arguments)
        if self.vector_env.num_envs > 1:
            raise ValueError(f"{task} has {self.vector_env.num_envs} players: use VectorEnv")
        self.observation_space = self.vector_env.single_observation_space
        self.action_space = self.vector_env.single_action_space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        observation, info = self.vector_env.reset(seed=seed, options=options)
        return row_of(observation, 0), info

    def step(self, action):
        observation, reward, terminated, truncated, info = self.vector_env.step([action])
        return row_of(info.get("final_obs", observation), 0), float(reward[0]), bool(terminated[0]), bool(truncated[0]), {}
