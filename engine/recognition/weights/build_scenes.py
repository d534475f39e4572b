"""Make `scenes_others.npy` from photos of everyday things; not run at install.

    python -m engine.recognition.weights.build_scenes FOLDER

FOLDER holds redacted copies of coco128's photos (128 of COCO train2017, Creative Commons), as
`.npz` files with `pixels`. Each gives the embedding of the photo, as 16-bit floats.
"""

import sys
from pathlib import Path

import numpy as np

from engine.recognition.backbone import Backbone
from engine.recognition.weights.scenes import OTHERS
from engine.recognition.whole import embedded


def main() -> None:
    """Embed the photos of the folder named on the command line."""
    net = Backbone()
    rows = []
    for file in sorted(Path(sys.argv[1]).glob("*.npz")):
        with np.load(file, allow_pickle=False) as held:
            if "withheld" not in held:
                rows.append(embedded(net, held["pixels"]))
    np.save(OTHERS, np.array(rows, dtype=np.float16))


if __name__ == "__main__":
    main()
