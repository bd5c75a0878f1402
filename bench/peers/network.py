"""The AdaShare network in PyTorch, as the official code computes it: one full backbone pass a task, every block evaluated, gates multiplied in.

Written from the published description of the algorithm; no code is taken from elsewhere. Names of the state entries are the official ones.
"""

import functools

import torch
import torch.nn as nn
import torch.nn.functional as F

STRIDES, DILATIONS, RATES = (1, 2, 1, 1), (1, 1, 2, 4), (6, 12, 18, 24)
# Made without memory, since all values follow from the formula: PyTorch's own initial values of 90 million weights take seconds.
Conv2d = functools.partial(nn.Conv2d, device="meta")
BatchNorm2d = functools.partial(nn.BatchNorm2d, device="meta")


class Block(nn.Module):
    """conv 3x3, BN, ReLU, conv 3x3, BN."""

    def __init__(self, inputs, outputs, stride, dilation):
        super().__init__()
        self.conv1 = Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False)
        self.bn1 = BatchNorm2d(outputs)
        self.conv2 = Conv2d(outputs, outputs, 3, 1, dilation, dilation, bias=False)
        self.bn2 = BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))


class Backbone(nn.Module):
    """The Deeplab-ResNet: a stem, then gated residual blocks."""

    def __init__(self, stages):
        super().__init__()
        self.conv1 = Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.blocks, self.ds = nn.ModuleList(), nn.ModuleList()
        inputs = 64
        for stage, count in enumerate(stages):
            outputs, stride, dilation = 64 << stage, STRIDES[stage], DILATIONS[stage]
            projects = stride != 1 or inputs != outputs or dilation in (2, 4)
            self.ds.append(nn.Sequential(Conv2d(inputs, outputs, 1, stride, bias=False), BatchNorm2d(outputs)) if projects else nn.Sequential())
            blocks = nn.ModuleList()
            for b in range(count):
                blocks.append(Block(inputs, outputs, stride if b == 0 else 1, dilation))
                inputs = outputs
            self.blocks.append(blocks)

    def forward(self, x, policy=None):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1, ceil_mode=True)
        index = 0
        for stage, blocks in enumerate(self.blocks):
            for b, block in enumerate(blocks):
                residual = self.ds[stage](x) if b == 0 else x
                mixed = F.relu(residual + block(x))
                x = mixed if policy is None else mixed * policy[index, 0] + residual * policy[index, 1]
                index += 1
        return x


class Branch(nn.Module):
    """conv 3x3 dilated, conv 1x1, conv 1x1, ReLU and dropout between."""

    def __init__(self, outputs, rate):
        super().__init__()
        self.conv1 = Conv2d(512, 1024, 3, 1, rate, rate)
        self.conv2 = Conv2d(1024, 1024, 1)
        self.conv3 = Conv2d(1024, outputs, 1)
        self.dropout = 0.0

    def forward(self, x):
        x = F.dropout(F.relu(self.conv1(x), inplace=True), self.dropout, self.training)
        return self.conv3(F.dropout(F.relu(self.conv2(x), inplace=True), self.dropout, self.training))


class AdaShare(nn.Module):
    """A backbone that all tasks share, four head branches a task, and each task's policy logits. It has no values until load."""

    def __init__(self, stages, classes, device, channels_last=False):
        super().__init__()
        self.backbone = Backbone(stages)
        self.classes, self.block_count = classes, sum(stages)
        for t, outputs in enumerate(classes, 1):
            for i, rate in enumerate(RATES):
                setattr(self, f"task{t}_fc1_c{i}", Branch(outputs, rate))
        for t in range(1, len(classes) + 1):
            setattr(self, f"task{t}_logits", nn.Parameter(torch.empty(self.block_count, 2, device="meta")))
        self.to_empty(device=device)
        if channels_last:
            self.to(memory_format=torch.channels_last)
        self.on = torch.tensor([[1.0, 0.0]], device=device)
        self.run_backbone, self.run_head = self.backbone.forward, self.head

    def compile(self):
        """Compiles the backbone and the heads of a task, not the network as a whole: the tasks' passes are the same work, which is so compiled once."""
        # A task's head without and with dropout, step and evaluation, other sizes: each is compiled by itself, and none shall quietly run uncompiled because they are many.
        for limit, value in (("recompile_limit", 64), ("cache_size_limit", 64), ("fail_on_recompile_limit_hit", True)):
            if hasattr(torch._dynamo.config, limit):
                setattr(torch._dynamo.config, limit, value)
        self.run_backbone = torch.compile(self.backbone.forward, dynamic=False)
        self.run_head = torch.compile(self.head, dynamic=False)

    @torch.no_grad()
    def load(self, weights):
        """Sets all values to those of the formula, where they lie."""
        state = self.state_dict()
        for name, values in weights.of([(name, tuple(value.shape)) for name, value in state.items()]):
            state[name].copy_(torch.from_numpy(values))

    def set_dropout(self, rate):
        for module in self.modules():
            if isinstance(module, Branch):
                module.dropout = rate

    def logits(self):
        return [getattr(self, f"task{t}_logits") for t in range(1, len(self.classes) + 1)]

    def head_parameters(self):
        return [p for name, p in self.named_parameters() if "fc1" in name]

    def sample(self, temperature, open_blocks, noise=None):
        """A soft policy of each task: the last rows sampled, (1, 0) before them, joined into one tensor as the official code does."""
        policies = []
        for t, logits in enumerate(self.logits()):
            soft = F.gumbel_softmax(logits, temperature) if noise is None else F.softmax((logits + noise[t]) / temperature, 1)
            closed = self.block_count - open_blocks
            policies.append(torch.cat([self.on.repeat(closed, 1), soft[closed:]]) if closed else soft)
        return policies

    def head(self, task, features):
        """The outputs of a task, counted from 1."""
        branches = [getattr(self, f"task{task}_fc1_c{i}")(features) for i in range(len(RATES))]
        return branches[0] + branches[1] + branches[2] + branches[3]

    def forward(self, images, policies=None):
        shared = self.run_backbone(images) if policies is None else None
        outputs = []
        for t in range(len(self.classes)):
            features = shared if policies is None else self.run_backbone(images, policies[t])
            outputs.append(self.run_head(t + 1, features))
        return outputs
