"""Keeps the first steps of a recording: shrink.py recording.safetensors shrunk.safetensors steps.

Tensors whose first dimension is the number of recorded steps are cut, all others and the metadata
are kept. Nothing but Python is needed.
"""

import json
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        return header, file.read()


def main(source, target, steps):
    header, data = read(source)
    metadata = header.pop("__metadata__")
    recorded = header["reward/total"]["shape"][0]
    shrunk = {"__metadata__": metadata}
    chunks = []
    offset = 0
    for name, info in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = info["data_offsets"]
        if info["shape"][0] == recorded:
            end = begin + (end - begin) // recorded * steps
            info["shape"][0] = steps
        chunks.append(data[begin:end])
        info["data_offsets"] = [offset, offset + end - begin]
        offset += end - begin
        shrunk[name] = info
    text = json.dumps(shrunk).encode()
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
