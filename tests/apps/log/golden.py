"""Checks with the stock readers that golden/events.out.tfevents.*, written by the tests, is sound.

    pip install tensorboard
    python golden.py
"""

import glob
import math
import os

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")

[path] = glob.glob(os.path.join(FOLDER, "events.out.tfevents.*"))
assert len(list(RawEventFileLoader(path).Load())) == 3, "the reader drops records of a wrong CRC"
events = event_accumulator.EventAccumulator(FOLDER)
events.Reload()
assert events.Tags()["scalars"] == [
    "Train/mean_reward", "Episode_Reward/track_lin_vel", "Loss/value_function"], events.Tags()
rewards = events.Scalars("Train/mean_reward")
assert [(event.step, event.value) for event in rewards] == [(0, -1.5), (300, 12.25)]
assert [event.wall_time for event in rewards] == [1700000001.25, 1700000002.5]
assert math.isnan(events.Scalars("Loss/value_function")[0].value)
print("TensorBoard reads ours")
