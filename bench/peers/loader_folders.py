"""The folders that both loaders read: procedural scenes as PNG, and the same pictures as JPEG and as .npy."""

import os
import subprocess

import numpy as np
from PIL import Image

from process import PeerError

IGNORED = 255
# MTAN's size of NYU v2.
ARRAY_SIZE = (288, 384)
DESCRIPTION = 'name: photographs\nimages: "**/*.jpg"\ntasks:\n  kind: {kind: class, folder: 1}\n'
KINDS = 2


def make(program, folder, images, formats):
    """Writes what is not there yet. Returns the folder of each format."""
    scenes = os.path.join(folder, "png")
    if not os.path.isdir(scenes):
        command = [*program, "scenes", "--out", scenes, "--size", "480x640", "--train1", str(images - images // 4), "--train2", str(images // 4), "--val", "1", "--test", "1"]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            raise PeerError(f"{' '.join(command)} failed")
    stems = sorted(os.path.splitext(name)[0] for name in os.listdir(os.path.join(scenes, "img")))
    places = {"png": scenes}
    for name, write in (("jpeg", photographs), ("npy", arrays)):
        places[name] = os.path.join(folder, name)
        if name in formats and not os.path.isdir(places[name]):
            # Beside its place first: what was stopped half-way is not taken for whole.
            unfinished = places[name] + ".unfinished"
            write(scenes, unfinished, stems)
            os.rename(unfinished, places[name])
    return places


def photographs(scenes, folder, stems):
    for number, stem in enumerate(stems):
        place = os.path.join(folder, f"kind{number % KINDS}")
        os.makedirs(place, exist_ok=True)
        with Image.open(os.path.join(scenes, "img", stem + ".png")) as image:
            image.save(os.path.join(place, stem + ".jpg"), quality=95)
    with open(os.path.join(folder, "dataset.yaml"), "w") as file:
        file.write(DESCRIPTION)


def arrays(scenes, folder, stems):
    test = 1
    for part, names in (("train", stems[:-test]), ("val", stems[-test:])):
        for kind in ("image", "label", "depth", "normal"):
            os.makedirs(os.path.join(folder, part, kind), exist_ok=True)
        for number, stem in enumerate(names):
            for kind, array in planes(scenes, stem).items():
                np.save(os.path.join(folder, part, kind, f"{number}.npy"), array)


def planes(scenes, stem):
    """What MTAN stores of an example, in single precision."""
    height, width = ARRAY_SIZE

    def picture(place):
        with Image.open(os.path.join(scenes, place, stem + ".png")) as image:
            return np.asarray(image)[:height, :width]

    stored = picture("normal_mask").astype(np.float32)
    normals = stored / 127.5 - 1
    length = np.sqrt((normals * normals).sum(2, keepdims=True))
    known = (stored.max(2, keepdims=True) < IGNORED) & (length > 0.5)
    classes = picture("seg").astype(np.float32)
    return {
        "image": picture("img").astype(np.float32) / 255, "label": np.where(classes == IGNORED, -1, classes).astype(np.float32),
        "depth": np.load(os.path.join(scenes, "depth", stem + ".npy"))[:height, :width].astype(np.float32).reshape(height, width, 1),
        "normal": np.where(known, normals / np.maximum(length, 1e-6), 0).astype(np.float32),
    }
