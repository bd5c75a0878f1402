"""The training step on PyTorch's side: a batch, the losses of the official code, the freezing of its phases, and the update."""

import functools
import inspect

import torch
import torch.nn.functional as F

import execution
import formula
import shapes
from network import AdaShare

TEMPERATURE, SHARING_WEIGHT, SPARSITY_WEIGHT, LEARNING_RATE, DROPOUT = 5.0, 0.05, 0.05, 1e-4, 0.5
MEAN = (104.00698793, 116.66876762, 122.67891434)
CHECKED_WEIGHTS = (
    "backbone.conv1.weight", "backbone.blocks.1.0.conv1.weight", "backbone.blocks.3.1.bn2.weight", "backbone.ds.3.0.weight",
    "task1_fc1_c0.conv1.weight", "task2_fc1_c1.conv2.weight", "task3_fc1_c3.conv3.bias")
CHECKED_BUFFERS = ("backbone.bn1.running_mean", "backbone.blocks.3.1.bn2.running_var")


def channels_last(tensor):
    return tensor.detach().permute(0, 2, 3, 1)


@functools.lru_cache(maxsize=8)
def planes(label, size, batch, channels, offset, scale):
    """Images or labels of the formula, [batch, channels, size, size]; the cases of a size share them."""
    each = [torch.from_numpy(formula.scaled(f"step/{i}/{label}", (size, size, channels), offset, scale)) for i in range(batch)]
    return torch.stack(each).permute(0, 3, 1, 2).contiguous()


class Batch:
    """The images (whole grey levels, as they are stored) and labels of a step, on the host and, where there is another device, copied to it at each step."""

    def __init__(self, shape, mode, device):
        features = shapes.feature_size(shape.size)
        self.device = device
        size = shape.size, shape.batch
        images = planes("image", *size, 3, 0, 255).floor() - torch.tensor(MEAN).view(1, 3, 1, 1)
        # Labels at the outputs' size, as the loader brings them there; it is no part of the step on either side.
        labels = {"seg": planes("seg", *size, 1, 0, 40).floor().clamp(max=39), "sn": planes("sn", *size, 3, 1, 200), "depth": planes("depth", *size, 1, 0.5, 4)}
        labels = {name: F.interpolate(label, (features, features)) for name, label in labels.items()}
        labels["seg"] = labels["seg"][:, 0].long()
        host = {"images": images.contiguous(memory_format=torch.channels_last if mode.channels_last else torch.contiguous_format), **labels}
        if device.type == "cpu":
            self._host, self._there = {}, host
        else:
            self._there = {name: torch.empty_like(tensor, device=device) for name, tensor in host.items()}
            self._host = {name: tensor.pin_memory() for name, tensor in host.items()}

    def __getitem__(self, name):
        return self._there[name]

    def upload(self):
        for name, tensor in self._host.items():
            self._there[name].copy_(tensor, non_blocking=True)


class Step(execution.Case):
    """One training step; freezing as the official fix_w and fix_alpha do it, by requires_grad alone."""

    def __init__(self, name, mode, device, weights):
        super().__init__(mode, device)
        self.shape = shape = shapes.step(name)
        self.tasks = [shapes.TASKS[t % len(shapes.TASKS)] for t in range(shape.tasks)]
        self.weights = weights
        self.network = AdaShare(shape.stages, [channels for _, channels, _ in self.tasks], device, mode.channels_last)
        if mode.compiled:
            self.network.compile()
        for parameter, value in self.network.named_parameters():
            value.requires_grad_((shape.kind == "policy") == parameter.endswith("_logits"))
        self.optimizer, self._has_stepped = self._optimizer(fused=device.type == "cuda"), False
        self.batch = Batch(shape, mode, device)
        blocks = self.network.block_count
        self.golden_noise = [torch.from_numpy(formula.gumbel(1, t, (blocks, 2))).to(device) for t in range(1, shape.tasks + 1)]
        self.sharing_weights = ((torch.arange(blocks) + 1.0) / blocks).to(device)
        self.skip = torch.ones(shape.open, dtype=torch.long, device=device)
        self.noise = None

    def start(self, for_check):
        self.network.load(self.weights)
        # Whatever state an optimiser keeps, its first step starts from zeros. It stays where it is: a graph may hold its address.
        for state in self.optimizer.state.values():
            for value in state.values():
                if torch.is_tensor(value):
                    value.zero_()
        self.network.set_dropout(0.0 if for_check else DROPOUT)
        self.noise = self.golden_noise if for_check else None

    def upload(self):
        self.batch.upload()

    def compute(self):
        """Forward and backward pass and update. Returns the outputs, and the losses of the tasks with their weighted sum after them."""
        self.optimizer.zero_grad(set_to_none=True)
        with execution.autocast(self.mode, self.device):
            policies = None if self.shape.kind == "warm" else self.network.sample(TEMPERATURE, self.shape.open, self.noise)
            outputs = self.network(self.batch["images"], policies)
        outputs = [output.float() for output in outputs]
        losses = [self._task_loss(name, output) for (name, _, _), output in zip(self.tasks, outputs)]
        total = sum(weight * loss for (_, _, weight), loss in zip(self.tasks, losses))
        if self.shape.kind == "policy":
            total = total + SHARING_WEIGHT * self._sharing() + SPARSITY_WEIGHT * self._sparsity()
        total.backward()
        self._update()
        return [output.detach() for output in outputs], torch.stack([loss.detach() for loss in (*losses, total)])

    def read(self, results):
        # One copy, and so one wait, a step.
        return results[1].tolist()

    def results(self):
        outputs, losses = self.once()
        results = {}
        for (name, _, _), output, loss in zip(self.tasks, outputs, losses):
            results["output." + name] = channels_last(output)
            results["loss." + name] = loss
        results["loss.total"] = losses[-1]
        state = self.network.state_dict()
        names = [f"task{t}_logits" for t in range(1, len(self.tasks) + 1)] if self.shape.kind == "policy" else [name for name in CHECKED_WEIGHTS if name in state]
        parameters = dict(self.network.named_parameters())
        results.update({"gradient." + name: parameters[name].grad for name in names})
        results.update({"after." + name: state[name] for name in (*names, *CHECKED_BUFFERS) if name in state})
        return results

    def _optimizer(self, fused):
        """The optimiser of the phase, in the form with the fewest kernels: fused, or else over lists of tensors."""
        kind = torch.optim.SGD if self.shape.kind == "weights" else torch.optim.Adam
        there = inspect.signature(kind).parameters
        options = {"fused": True} if fused and "fused" in there else {"foreach": True} if self.device.type == "cuda" and "foreach" in there else {}
        if self.mode.graph and self.device.type == "cuda" and "capturable" in there:
            options["capturable"] = True
        network = self.network
        if self.shape.kind == "policy":
            return kind(network.logits(), 0.01, weight_decay=5e-4, **options)
        groups = [{"params": network.head_parameters()}, {"params": list(network.backbone.parameters())}]
        if self.shape.kind == "warm":
            return kind(groups, LEARNING_RATE, betas=(0.5, 0.999), weight_decay=1e-4, **options)
        return kind(groups, LEARNING_RATE, momentum=0.9, weight_decay=1e-4, **options)

    def _update(self):
        try:
            self.optimizer.step()
        except RuntimeError:
            # The fused form refuses what it can't do (layouts that differ, say) before it begins.
            if self._has_stepped or not self.optimizer.defaults.get("fused"):
                raise
            self.optimizer = self._optimizer(fused=False)
            self.optimizer.step()
        self._has_stepped = True

    # Means over pixels that count are sums with a mask: picking the pixels out, as the official code does, makes the host wait for their number.

    def _task_loss(self, name, output):
        target = self.batch[name]
        if name == "seg":
            return F.cross_entropy(output, target, ignore_index=255)
        if name == "sn":
            mask = target.amax(1) < 255
            return 1 - ((F.normalize(output, dim=1) * F.normalize(target, dim=1)).sum(1) * mask).sum() / mask.sum()
        mask = target > 3e-5
        return ((output - target).abs() * mask).sum() / mask.sum()

    def _sharing(self):
        logits = self.network.logits()
        pairs = [(i, j) for i in range(len(logits)) for j in range(i + 1, len(logits))]
        return sum((self.sharing_weights * (logits[i][:, 0] - logits[j][:, 0]).abs()).sum() for i, j in pairs)

    def _sparsity(self):
        return sum(F.cross_entropy(logits[-self.shape.open:], self.skip) for logits in self.network.logits())
