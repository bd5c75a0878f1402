"""Writes the files of this folder with PyTorch, each a form that torch.save or pickle has: /usr/bin/python3 make.py [FOLDER]"""
import collections
import os
import pickle
import sys

import numpy as np
import torch

folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(folder, name)


def number(shape, scale, dtype=torch.float32):
    count = int(np.prod(shape)) if len(shape) else 1
    return (torch.arange(count, dtype=torch.float64) * scale).reshape(shape).to(dtype)


shared = number((12,), 0.25)
state = collections.OrderedDict(
    single=number((2, 3), 0.5),
    double=number((2,), 1 / 3, torch.float64),
    half=number((3,), 0.5, torch.float16),
    brain=number((3,), 0.5, torch.bfloat16),
    whole=number((2, 2), -3, torch.int64),
    byte=number((4,), 60, torch.uint8),
    truth=torch.tensor([True, False]),
    scalar=torch.tensor(5),
    empty=torch.zeros(0, 3),
    transposed=number((2, 3), 1).t(),
    first=shared[:4].reshape(2, 2),
    second=shared[4:].reshape(2, 4),
    step=shared[1::2],
    parameter=torch.nn.Parameter(number((2,), 7)),
)
module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
with torch.no_grad():
    module[0].weight.copy_(number((2, 1, 1, 1), 2))
    module[0].bias.copy_(number((2,), 3))
optimizer = torch.optim.Adam(module.parameters())
module(torch.ones(2, 1, 2, 2)).sum().backward()
optimizer.step()
with torch.no_grad():
    module[0].weight.copy_(number((2, 1, 1, 1), 2))
snapshot = {'mtl-net': module.state_dict(), 'weights': optimizer.state_dict(), 'iter': 7, 'temp': 1.5}
policy = {'task1_policy': torch.from_numpy(np.array([[1, 0], [0, 1], [1, 0]])), 'task2_policy': torch.from_numpy(np.array([[0, 1], [1, 0], [1, 0]]))}
arrays = [np.array([[1, 0], [0, 1]]), np.asfortranarray(np.array([[1., 2., 3.], [4., 5., 6.]])), np.arange(3, dtype=np.float32)]

torch.save(state, path('state.pth'))
torch.save(state, path('state-older.pth'), _use_new_zipfile_serialization=False)
torch.save(snapshot, path('snapshot.pth.tar'))
torch.save(snapshot, path('snapshot-older.model'), _use_new_zipfile_serialization=False)
for protocol in (2, 4, 5):
    with open(path('policy%d.pickle' % protocol), 'wb') as file:
        pickle.dump(policy, file, protocol=protocol)
    with open(path('arrays%d.pickle' % protocol), 'wb') as file:
        pickle.dump(arrays, file, protocol=protocol)
with open(path('mixed.pickle'), 'wb') as file:
    pickle.dump({'array': np.arange(4, dtype=np.int64), 'number': np.float64(1.5), 'text': 'a', 'none': None, 'tuple': (1, 2.5, True, b'x'), 'big': 1 << 70}, file, protocol=2)
