"""Records files for the tests of apps/files with the stock packages, and checks ours with them.

    pip install numpy safetensors
    python golden.py write    # golden/python.*: what NumPy and safetensors write
    python golden.py check    # golden/ours.*, written by the tests, as NumPy and safetensors read it
"""

import os
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
ARRAYS = {
    "actor/weight": np.arange(6, dtype=np.float32).reshape(2, 3) * 0.5 - 1,
    "qpos": np.array([0.1, -np.inf], dtype=np.float64),
    "episode": np.array([-1, 0, 2**31 - 1], dtype=np.int32),
    "env_steps": np.array(-(2**63), dtype=np.int64),
    "terminated": np.array([0, 1, 255, 7], dtype=np.uint8),
    "rng": np.array([2**64 - 1], dtype=np.uint64),
    "empty": np.zeros((0, 3), dtype=np.float32),
}


def path(name):
    return os.path.join(FOLDER, name)


def write():
    save_file(ARRAYS, path("python.safetensors"), {"task": "go1-flat", "note": 'a "quoted" line\n'})
    np.savez(path("python_stored.npz"), **ARRAYS, flags=np.array([True, False]))
    np.savez_compressed(path("python_deflated.npz"), zeros=np.zeros((50, 20)), **ARRAYS)
    np.save(path("python.npy"), ARRAYS["actor/weight"])
    with open(path("python_v2.npy"), "wb") as file:
        np.lib.format.write_array(file, ARRAYS["actor/weight"], version=(2, 0))
    np.save(path("python_scalar.npy"), ARRAYS["env_steps"])
    np.save(path("python_fortran.npy"), np.asfortranarray(ARRAYS["actor/weight"]))
    np.save(path("python_objects.npy"), np.array([{}, None], dtype=object), allow_pickle=True)


def require_equal(read):
    assert sorted(read) == sorted(ARRAYS), sorted(read)
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape, name
        assert read[name].tobytes() == array.tobytes(), name


def check():
    with safe_open(path("ours.safetensors"), framework="numpy") as file:
        require_equal({name: file.get_tensor(name) for name in file.keys()})
        assert file.metadata() == {"task": "go1-flat", "note": 'a "quoted" line\n'}, file.metadata()
    require_equal(dict(np.load(path("ours_stored.npz"))))
    require_equal(dict(np.load(path("ours_deflated.npz"))))
    array = np.load(path("ours.npy"), mmap_mode="r")
    assert array.tobytes() == ARRAYS["actor/weight"].tobytes() and array.shape == (2, 3)
    print("ours reads back in Python")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]]()
