"""The module `fleet` against Gymnasium's own checker and wrappers, and against the program itself."""

import os
import subprocess
import sys
import tempfile
import unittest

if sys.version_info[:2] != (3, 11):
    print("skipped: the pinned wheels of NumPy are for Python 3.11")
    sys.exit(77)

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers.vector import RecordEpisodeStatistics

import fleet

PROGRAM = os.environ["FLEET_PROGRAM"]


def random_actions(env, steps, seed=7):
    shape = (steps, *env.action_space.shape)
    bound = np.minimum(env.action_space.high, 1.0)
    return (np.random.default_rng(seed).uniform(-1, 1, shape) * bound).astype(np.float32)


class VectorEnvTest(unittest.TestCase):
    def test_steps_the_envs_that_the_program_steps(self):
        for backend in ("mujoco", "lanes"):
            env = fleet.VectorEnv("go1-flat", 3, backend=backend, groups=("actor", "critic"))
            actions = random_actions(env, 60)
            with tempfile.TemporaryDirectory() as folder:
                np.save(f"{folder}/actions.npy", actions)
                subprocess.run(
                    [PROGRAM, "rollout", "go1-flat", "--actions", f"{folder}/actions.npy", "--out", f"{folder}/out.npz"]
                    + ["--seed", "5", "--noise", "--backend", backend],
                    check=True,
                    capture_output=True,
                )
                expected = dict(np.load(f"{folder}/out.npz"))
            env.reset(seed=5)
            for step, action in enumerate(actions):
                observation, reward, terminated, truncated, info = env.step(action)
                final = info.get("final_obs", observation)
                for group in ("actor", "critic"):
                    np.testing.assert_array_equal(final[group], expected[f"observation/{group}"][step])
                np.testing.assert_allclose(reward, expected["reward"][step], rtol=1e-6, atol=1e-7)
                np.testing.assert_array_equal(terminated, expected["terminated"][step])
                np.testing.assert_array_equal(truncated, expected["truncated"][step])

    def test_has_no_training_curriculum_unless_asked_for(self):
        rewards = []
        for curriculum in ({}, {"steps": 0}, {"steps": 1000, "penalty_scale": 0.1}):
            settings = {f"velocity.curriculum.{key}": value for key, value in curriculum.items()}
            env = fleet.VectorEnv("go1-flat", 4, settings=settings)
            env.reset(seed=1)
            rewards.append([env.step(action)[1] for action in random_actions(env, 30)])
        np.testing.assert_array_equal(rewards[0], rewards[1])
        self.assertFalse(np.array_equal(rewards[0], rewards[2]))

    def test_passes_gymnasiums_checker(self):
        for task in ("gym/Hopper", "go1-flat"):
            check_env(fleet.Env(task), skip_render_check=True)

    def test_an_ended_episode_gives_its_last_observation_and_the_next_ones_first(self):
        env = fleet.VectorEnv("gym/Hopper", 16)  # its first observation is the height; it falls below 0.7
        env.reset(seed=0)
        falls = 0
        for action in random_actions(env, 300):
            observation, _, terminated, truncated, info = env.step(action)
            np.testing.assert_array_equal(info.get("_final_obs", np.zeros(16, bool)), terminated | truncated)
            for row in np.flatnonzero(terminated):
                falls += 1
                self.assertFalse(np.array_equal(info["final_obs"][row], observation[row]))
                self.assertGreater(observation[row][0], 1.2)
        self.assertGreater(falls, 16)

    def test_gymnasiums_episode_statistics_agree_with_our_own(self):
        env = RecordEpisodeStatistics(fleet.VectorEnv("gym/Hopper", 8), buffer_length=100_000)
        env.reset(seed=3)
        for action in random_actions(env, 400):
            env.step(action)
        ours = env.unwrapped.take_statistics()
        self.assertEqual(len(env.return_queue), ours["episodes"])
        self.assertEqual(sum(env.length_queue), ours["length_sum"])
        self.assertAlmostEqual(sum(env.return_queue), ours["return_sum"], delta=1e-4 * abs(ours["return_sum"]))

    def test_equal_seeds_give_equal_episodes_on_any_number_of_threads(self):
        seen = []
        for threads in (1, 2):
            env = fleet.VectorEnv("go1-flat", 32, backend="lanes", num_threads=threads)
            first, _ = env.reset(seed=11)
            seen.append([first] + [env.step(action)[0] for action in random_actions(env, 20)])
            self.assertFalse(np.array_equal(first, env.reset(seed=12)[0]))
        np.testing.assert_array_equal(*seen)

    def test_a_reset_without_a_seed_starts_other_episodes_but_the_same_ones_each_time(self):
        seen = []
        for _ in range(2):
            env = fleet.VectorEnv("gym/Hopper", 2)
            env.reset(seed=4)
            seen.append([env.reset()[0], env.reset()[0]])
        np.testing.assert_array_equal(seen[0], seen[1])
        self.assertFalse(np.array_equal(seen[0][0], seen[0][1]))

    def test_copies_unless_told_otherwise(self):
        for copy in (True, False):
            env = fleet.VectorEnv("gym/Hopper", 2, copy=copy)
            observation, _ = env.reset(seed=0)
            before = observation.copy()
            env.step(env.action_space.high)
            self.assertEqual(np.array_equal(observation, before), copy)

    def test_arrays_outlive_the_env(self):
        env = fleet.VectorEnv("gym/Hopper", 2, copy=False)
        observation, _ = env.reset(seed=0)
        before = observation.copy()
        del env
        np.testing.assert_array_equal(observation, before)

    def test_players_are_rows(self):
        env = fleet.VectorEnv("volley/3v3", 2)
        self.assertEqual(env.num_envs, 12)
        observation, _ = env.reset(seed=0)
        self.assertEqual(observation.shape[0], 12)
        *_, terminated, truncated, _ = env.step(np.zeros(env.action_space.shape))
        self.assertEqual((terminated.shape, truncated.shape), ((12,), (12,)))
        with self.assertRaisesRegex(ValueError, "6 players"):
            fleet.Env("volley/3v3")

    def test_every_task_can_be_stepped(self):
        for task in fleet.task_names():
            env = fleet.VectorEnv(task, 1, num_threads=1)
            env.reset(seed=0)
            observation, reward, *_ = env.step(env.action_space.sample().clip(-1, 1))
            self.assertIn(observation, env.observation_space, task)
            self.assertTrue(np.isfinite(reward).all(), task)

    def test_what_is_wrong_is_one_line(self):
        wrong = {
            "go1-flt": {},
            "go1-flat": {"backend": "cuda12"},
            "gym/Hopper": {"num_envs": 0},
            "gym/Walker2d": {"groups": ("critic",)},
            "gym/Ant": {"settings": {"ant.no_such": 1}},
        }
        for task, arguments in wrong.items():
            with self.assertRaises(ValueError) as raised:
                fleet.VectorEnv(task, **arguments)
            self.assertEqual(str(raised.exception).count("\n"), 0, raised.exception)
        env = fleet.VectorEnv("gym/Hopper", 2)
        with self.assertRaises(ValueError):
            env.reset(seed=-1)
        env.reset(seed=0)
        with self.assertRaises(ValueError):
            env.step(np.zeros((2, 4)))
        with self.assertRaises(ValueError):
            env.step(np.zeros((3, 3)))


if __name__ == "__main__":
    assert gymnasium.__version__ == "1.4.0"
    unittest.main()
