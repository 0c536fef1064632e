"""Draws learning curves of runs:  python3 tools/plot_curves.py out.png RUN [RUN ...]   (needs matplotlib)

Reads each run's progress.jsonl. Only for pictures in the documentation; Fleet itself needs no Python.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

CURVES = [
    ("Train/mean_reward", "return per episode"),
    ("Train/mean_episode_length", "episode length (control steps)"),
    ("Episode_Reward/track_linear_velocity", "linear tracking reward (of 2 per second)"),
]


def load(run):
    with open(run + "/progress.jsonl") as lines:
        return [json.loads(line) for line in lines]


def smooth(values, window=20):
    means, recent = [], []
    for value in values:
        recent = (recent + [value])[-window:]
        means.append(sum(recent) / len(recent))
    return means


def main(out, runs):
    figure, axes = plt.subplots(1, len(CURVES), figsize=(13, 3.6))
    for run in runs:
        rows = load(run)
        for axis, (tag, title) in zip(axes, CURVES):
            points = [(row["total_time"] / 60, row[tag]) for row in rows if row.get(tag) is not None]
            minutes, values = zip(*points)
            axis.plot(minutes, smooth(values), label=run.rstrip("/").split("/")[-1])
            axis.set_title(title, fontsize=10)
            axis.set_xlabel("minutes of training")
            axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
