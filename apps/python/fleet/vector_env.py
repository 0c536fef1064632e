"""Gymnasium's VectorEnv over a batch of Fleet's envs."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from fleet._batch import Batch


class VectorEnv(gymnasium.vector.VectorEnv):
    """Many copies of one task, stepped together.

    An env whose episode ends starts a new one within the same step (AutoresetMode.SAME_STEP): the returned
    observation is the new episode's first, info["final_obs"] holds the ended one's last, as rows of an array like
    the observation, valid where info["_final_obs"] is true.

    A player is a row of its own: a task with several players per env has num_envs * num_players rows, in the order
    env * num_players + player, and `num_envs`, as Gymnasium means it, counts rows.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(
        self,
        task: str,
        num_envs: int | None = None,
        *,
        backend: str | None = None,
        num_threads: int | None = None,
        groups: Sequence[str] = ("actor",),
        copy: bool = True,
        settings: Mapping[str, Any] | None = None,
    ):
        """Builds the envs.

        Args:
            task: a name of `fleet.task_names()`.
            num_envs: copies of the task; None for the number that its own agent trains with.
            backend: "mujoco" or "lanes"; None for the task's own.
            num_threads: None for one per core. Results do not depend on it.
            groups: the observation groups wanted. One gives Box observations, more a Dict.
            copy: False returns arrays of the envs' own memory, which the next step overwrites.
            settings: any other setting by its path, {"velocity.push.enabled": False}.

        Raises:
            ValueError: in one line, if a name, value or setting is wrong.
        """
        chosen = {"options.num_envs": num_envs, "options.backend": backend, "options.num_threads": num_threads}
        chosen = {key: value for key, value in chosen.items() if value is not None} | dict(settings or {})
        self.batch = Batch(task, [f"{key}={_yaml(value)}" for key, value in chosen.items()])
        self.num_envs = self.batch.num_envs * self.batch.num_players
        self.copy = copy

        known = {name: index for index, (name, _) in enumerate(self.batch.groups)}
        for group in groups:
            if group not in known:
                raise ValueError(f"{task} has no observation group '{group}'; it has {', '.join(known)}")
        self._groups = {group: known[group] for group in groups}
        # The batch's own memory, seen through NumPy.
        self._observation = self._of_groups(self.batch.observation)
        self._final_observation = self._of_groups(self.batch.final_observation)
        self._reward = self.batch.reward
        self._terminated = self.batch.terminated
        self._truncated = self.batch.truncated

        bound = np.asarray(self.batch.action_bound, dtype=np.float32)
        self.single_action_space = gymnasium.spaces.Box(-bound, bound, dtype=np.float32)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.single_observation_space = self._observation_space()
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Starts an episode in every env. Equal seeds give equal episodes, bit for bit."""
        if options:
            raise ValueError(f"reset() takes no options, but got {options}")
        if seed is not None and seed < 0:
            raise ValueError(f"reset(): expected a seed of 0 or more, but got {seed}")
        super().reset(seed=seed)
        self.batch.reset(seed if seed is not None else int(self.np_random.integers(2**63)))
        return self._given(self._observation), {}

    def step(self, actions):
        """Advances every env by one control period; actions are clipped to the task's bound.

        Args:
            actions: (num_envs, action_dim), in the task's action units.
        """
        self.batch.step(np.ascontiguousarray(actions, dtype=np.float32))
        terminated = self._given(self._terminated)
        truncated = np.repeat(self._truncated, self.batch.num_players)
        ended = terminated | truncated
        info = {"final_obs": self._given(self._final_observation), "_final_obs": ended} if ended.any() else {}
        return self._given(self._observation), self._given(self._reward), terminated, truncated, info

    def take_statistics(self) -> dict[str, Any]:
        """Sums over the episodes that ended since the last call: returns, lengths, reward terms, terminations."""
        return self.batch.take_statistics()

    def _of_groups(self, array):
        views = {group: array(index) for group, index in self._groups.items()}
        return views if len(views) > 1 else next(iter(views.values()))

    def _observation_space(self):
        def box(rows):
            return gymnasium.spaces.Box(-np.inf, np.inf, (rows.shape[1],), np.float32)

        if isinstance(self._observation, dict):
            return gymnasium.spaces.Dict({group: box(rows) for group, rows in self._observation.items()})
        return box(self._observation)

    def _given(self, arrays):
        if not self.copy:
            return arrays
        return {key: rows.copy() for key, rows in arrays.items()} if isinstance(arrays, dict) else arrays.copy()


def row_of(observation, row: int):
    """One row of an observation, whether of one group or of several."""
    if isinstance(observation, dict):
        return {group: rows[row] for group, rows in observation.items()}
    return observation[row]


def _yaml(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
