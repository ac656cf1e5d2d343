"""A synthetic world of ten everyday objects, after what ObjectNet controls (Barbu et al. 2019).

Pose, viewpoint, background and light of every picture are known, and can be moved one at a time.
"""

from underspec.data.synthetic.poses.objects import CLASSES as CLASSES
from underspec.data.synthetic.poses.reader import SyntheticPoses as SyntheticPoses

__all__ = ["CLASSES", "SyntheticPoses"]
