import onnxruntime
import pytest

from redaction.faces import centerface
from redaction.nets import PREFERRED, providers


def test_without_a_gpu_nets_run_on_the_processor() -> None:
    found = providers()
    assert found[-1] == "CPUExecutionProvider"
    assert set(found) <= set(PREFERRED)


def test_a_gpu_comes_first_where_onnxruntime_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    assert providers() == ["CUDAExecutionProvider", "CPUExecutionProvider"]


@pytest.mark.models
def test_a_gpu_that_is_named_and_not_there_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        assert centerface.load.__wrapped__().get_providers() == ["CPUExecutionProvider"]
