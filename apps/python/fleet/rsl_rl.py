"""The VecEnv that rsl_rl trains on."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from rsl_rl.env import VecEnv
from tensordict import TensorDict

from fleet.vector_env import VectorEnv


class RslRlVecEnv(VecEnv):
    """A VectorEnv as rsl_rl wants it: tensors, observation groups in a TensorDict. Takes what VectorEnv takes."""

    def __init__(self, *arguments: Any, seed: int = 0, device: str = "cpu", **keywords: Any):
        self.vector_env = VectorEnv(*arguments, copy=False, **keywords)
        self.num_envs = self.vector_env.num_envs
        self.num_actions = self.vector_env.batch.action_dim
        self.max_episode_length = self.vector_env.batch.max_episode_steps
        self.device = torch.device(device)
        self.cfg: dict[str, Any] = {}
        self.episode_length_buf = torch.zeros(self.num_envs, dtype=torch.long, device=self.device)
        self._observation, _ = self.vector_env.reset(seed=seed)

    def get_observations(self) -> TensorDict:
        rows = self._observation
        groups = rows if isinstance(rows, dict) else {"policy": rows}
        return TensorDict({name: self._tensor(group) for name, group in groups.items()}, batch_size=[self.num_envs])

    def step(self, actions: torch.Tensor):
        self._observation, reward, terminated, truncated, _ = self.vector_env.step(actions.detach().cpu().numpy())
        ended = self._tensor(terminated | truncated)
        self.episode_length_buf = torch.where(ended, 0, self.episode_length_buf + 1)
        extras = {"time_outs": self._tensor(truncated & ~terminated)}
        return self.get_observations(), self._tensor(reward), ended.long(), extras

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array.copy()).to(self.device)
