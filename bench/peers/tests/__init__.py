"""Tests of what needs no PyTorch. From bench/peers: python3 -m unittest discover tests; tests/AdaShare.Native.Peers.Tests runs them too."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
