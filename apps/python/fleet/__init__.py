"""Fleet's batched environments for Python.

    import fleet
    env = fleet.VectorEnv("go1-flat", num_envs=1024)
    observation, info = env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
"""

from fleet._batch import task_names
from fleet.env import Env
from fleet.vector_env import VectorEnv

__all__ = ["Env", "VectorEnv", "task_names"]
