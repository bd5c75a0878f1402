"""The ResNets of torchvision and of AdaShare's official code, wide ones for small images and very deep ones for texts in PyTorch, as the other side of a test: reads a network and images from a folder, writes features and gradients there.

spec.json   block (basic or bottleneck), expansion, stem (Pooled, Small or Text), stem_channels, layers, widths, strides, dilations, ceil (of the pooling), images [N, H, W, 3] or texts [N, 1, L, 1], state: [name, shape] of every tensor, under torchvision's names
values.bin  the tensors of the state in that order, then the images, as doubles
result.bin  features [N, h, w, C] of the evaluation, features of a training pass, then the gradients of the sum of squares of the latter with respect to every parameter of the state
"""
import json
import sys
from array import array
from pathlib import Path

import torch
from torch import nn


def conv(text, inputs, outputs, kernel, stride=1, padding=0, dilation=1):
    along = (lambda here, there: (there, here)) if text else (lambda here, there: here)
    return nn.Conv2d(inputs, outputs, along(kernel, 1), along(stride, 1), along(padding, 0), along(dilation, 1), bias=False)


class Block(nn.Module):
    def __init__(self, text, kind, inputs, width, outputs, stride, dilation, projects):
        super().__init__()
        if kind == "basic":
            self.conv1 = conv(text, inputs, width, 3, stride, dilation, dilation)
            self.conv2 = conv(text, width, outputs, 3, 1, dilation, dilation)
            self.bn2 = nn.BatchNorm2d(outputs)
        else:
            self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, bias=False)
            self.bn2 = nn.BatchNorm2d(width)
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        self.bn1 = nn.BatchNorm2d(width)
        self.kind = kind
        self.downsample = nn.Sequential(conv(text, inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)) if projects else None

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.kind == "bottleneck":
            y = self.bn3(self.conv3(torch.relu(y)))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        expansion, channels, stem = spec["expansion"], spec["stem_channels"], spec["stem"]
        text = stem == "Text"
        self.embedding = nn.Embedding(72, 16, padding_idx=0) if text else None
        self.conv1 = conv(False, 3, channels, 7, 2, 3) if stem == "Pooled" else conv(text, 16 if text else 3, channels, 3, 1, 1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.pool = nn.MaxPool2d(3, 2, 1, ceil_mode=spec["ceil"]) if stem == "Pooled" else nn.Identity()
        self.stages = len(spec["layers"])
        stages = zip(spec["layers"], spec["widths"], spec["strides"], spec["dilations"])
        for number, (count, width, stride, dilation) in enumerate(stages):
            blocks = []
            for b in range(count):
                first = b == 0
                projects = first and (stride != 1 or channels != width * expansion or dilation in (2, 4))
                blocks.append(Block(text, spec["block"], channels, width, width * expansion, stride if first else 1, dilation, projects))
                channels = width * expansion
            setattr(self, f"layer{number + 1}", nn.Sequential(*blocks))

    def forward(self, x):
        if self.embedding is not None:
            x = self.embedding(x[:, 0].long()).permute(0, 3, 1, 2)
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return x


def main(folder):
    spec = json.loads((folder / "spec.json").read_text())
    values = torch.frombuffer(bytearray((folder / "values.bin").read_bytes()), dtype=torch.float64)
    used = 0

    def take(shape):
        nonlocal used
        count = 1
        for side in shape:
            count *= side
        part = values[used:used + count].reshape(shape)
        used += count
        return part.clone()

    network = ResNet(spec).double()
    state = {name: take(shape) for name, shape in spec["state"]}
    missing, unexpected = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        sys.exit(f"missing {missing}, unexpected {unexpected}")
    images = take(spec["images"]).permute(0, 3, 1, 2)
    results = array("d")

    def give(tensor):
        results.extend(tensor.detach().flatten().tolist())

    network.eval()
    give(network(images).permute(0, 2, 3, 1))
    network.train()
    features = network(images)
    give(features.permute(0, 2, 3, 1))
    features.square().sum().backward()
    parameters = dict(network.named_parameters())
    for name, _ in spec["state"]:
        if name in parameters:
            give(parameters[name].grad)
    with open(folder / "result.bin", "wb") as file:
        results.tofile(file)


main(Path(sys.argv[1]))
