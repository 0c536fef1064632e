"""Times the steps of fleet.VectorEnv, and in turn with them the bare step that each holds: what Python costs.

    ./fleet python tests/benchmark/vector_env.py [TASK [NUM_ENVS]]

The bare step is what `./fleet bench env` times. All take turns step by step, so that what slows one down slows the
others, too; actions are drawn before. Prints env steps per second (median over rounds) and shares of the bare step's.
"""

import statistics
import sys
import time

import numpy as np

import fleet

ROUNDS, STEPS = 9, 60


def measure(task, num_envs, num_threads):
    envs = {copy: fleet.VectorEnv(task, num_envs, num_threads=num_threads, copy=copy) for copy in (True, False)}
    steps = {"bare step": envs[True].batch.step, "VectorEnv": envs[True].step, "copy=False": envs[False].step}
    for env in envs.values():
        env.reset(seed=1)
    shape = (STEPS, *envs[True].action_space.shape)
    bound = np.minimum(envs[True].action_space.high, 1.0)
    actions = (np.random.default_rng(1).uniform(-1, 1, shape) * bound).astype(np.float32)
    speeds = {name: [] for name in steps}
    for round in range(ROUNDS + 2):  # the first two warm up
        wall = dict.fromkeys(steps, 0.0)
        for action in actions:
            for name, step in steps.items():
                began = time.perf_counter()
                step(action)
                wall[name] += time.perf_counter() - began
        for name in steps if round >= 2 else ():
            speeds[name].append(num_envs * STEPS / wall[name])
    for name, values in speeds.items():
        share = statistics.median(a / b for a, b in zip(values, speeds["bare step"]))
        print(f"{num_threads:7d} {name:>11} {statistics.median(values):15,.0f}   {share:.3f}")


def main():
    task = sys.argv[1] if len(sys.argv) > 1 else "go1-flat"
    num_envs = int(sys.argv[2]) if len(sys.argv) > 2 else 1024
    print(f"{task}, {num_envs} envs\nthreads        what     env steps/s   share")
    for num_threads in (1, 2):
        measure(task, num_envs, num_threads)


if __name__ == "__main__":
    main()
