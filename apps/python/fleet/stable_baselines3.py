"""The VecEnv that Stable-Baselines3 trains on."""

from __future__ import annotations

from typing import Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from fleet.vector_env import VectorEnv, row_of


class Sb3VecEnv(VecEnv):
    """A VectorEnv as Stable-Baselines3 wants it. Takes what VectorEnv takes."""

    def __init__(self, *arguments: Any, seed: int = 0, **keywords: Any):
        self.vector_env = VectorEnv(*arguments, **keywords)
        self._next_seed: int | None = seed
        self._returns = np.zeros(self.vector_env.num_envs)
        self._lengths = np.zeros(self.vector_env.num_envs, dtype=np.int64)
        super().__init__(
            self.vector_env.num_envs, self.vector_env.single_observation_space, self.vector_env.single_action_space
        )

    def seed(self, seed: int | None = None):
        self._next_seed = seed
        return [seed] * self.num_envs

    def reset(self):
        observation, _ = self.vector_env.reset(seed=self._next_seed)
        self._next_seed = None
        self._returns[:] = 0
        self._lengths[:] = 0
        return observation

    def step_async(self, actions):
        self._actions = actions

    def step_wait(self):
        observation, reward, terminated, truncated, info = self.vector_env.step(self._actions)
        self._returns += reward
        self._lengths += 1
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        ended = terminated | truncated
        for row in np.flatnonzero(ended):
            infos[row] = {
                "terminal_observation": row_of(info["final_obs"], row),
                "TimeLimit.truncated": bool(truncated[row] and not terminated[row]),
                "episode": {"r": self._returns[row], "l": self._lengths[row]},
            }
        self._returns[ended] = 0
        self._lengths[ended] = 0
        return observation, reward, ended, infos

    def close(self):
        pass

    def get_attr(self, attr_name, indices=None):
        return [getattr(self.vector_env, attr_name, None) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name, value, indices=None):
        raise NotImplementedError("the envs of a batch have no attributes of their own")

    def env_method(self, method_name, *method_args, indices=None, **method_kwargs):
        raise NotImplementedError("the envs of a batch have no methods of their own")

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False for _ in self._get_indices(indices)]
