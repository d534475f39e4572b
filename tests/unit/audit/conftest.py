"""A small log with a witness and a trust file, as every test of `audit` needs one.

Other folders' tests and subprocesses load this file by its path; it holds nothing of pytest's but
the fixtures.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from audit import (
    PROOF_NAME,
    Code,
    DirectoryWitness,
    Entry,
    Log,
    PolicyAdopt,
    RunHandle,
    RunStart,
    Trust,
    TrustedWitness,
    Verification,
    outputs_in,
    prove,
    verify,
)
from audit.witness_server import WitnessServer
from policies.amounts import Delta, Epsilon, Loss

DAY = date(2026, 11, 23)
DIGEST = "sha256:" + "a" * 64
DATASET = "city-photos"


def loss(epsilon: str, delta: str = "0") -> Loss:
    return Loss(Epsilon.parse(epsilon), Delta.parse(delta))


def adopt(digest: str = DIGEST, not_after: str = "2027-01-01") -> PolicyAdopt:
    return PolicyAdopt.model_validate(
        {
            "policy": digest,
            "id": "brands",
            "version": 1,
            "class": "test",
            "not_after": not_after,
            "catalogue": DIGEST,
            "approvals": (),
        }
    )


def start(digest: str = DIGEST, dataset: str = DATASET) -> RunStart:
    return RunStart(
        policy=digest, dataset=dataset, code=Code(version="0.1.0", source=DIGEST), models=()
    )


@dataclass(frozen=True)
class Study:
    """Where a log, its witness and its trust file lie."""

    root: Path

    DAY: ClassVar[date] = DAY
    DIGEST: ClassVar[str] = DIGEST
    DATASET: ClassVar[str] = DATASET
    loss = staticmethod(loss)
    adopt = staticmethod(adopt)
    body = staticmethod(start)

    @classmethod
    def create(cls, root: Path, total: Loss | None = None) -> "Study":
        study = cls(root)
        log = Log.create(study.log_dir, at=DAY)
        witness = DirectoryWitness.create(study.witness_dir, log.vkey)
        trusted = TrustedWitness(witness.vkey, study.witness_dir)
        Trust(log.vkey, (trusted,), 1).dump(study.trust_file)
        log = study.open()
        log.declare_dataset(DATASET, total or loss("1", "1e-6"))
        log.adopt_policy(adopt())
        return study

    @property
    def log_dir(self) -> Path:
        return self.root / "log"

    @property
    def witness_dir(self) -> Path:
        return self.root / "witness"

    @property
    def trust_file(self) -> Path:
        return self.root / "trust.yaml"

    @property
    def entries(self) -> Path:
        return self.log_dir / "entries.jsonl"

    @property
    def checkpoint(self) -> Path:
        return self.log_dir / "checkpoint"

    @property
    def trust(self) -> Trust:
        return Trust.load(self.trust_file)

    def open(self, at: date = DAY) -> Log:
        return Log.open(self.log_dir, self.trust, at)

    def verify(self, *releases: Path) -> Verification:
        return verify(self.log_dir, self.trust, releases=releases)

    def lines(self) -> list[bytes]:
        return self.entries.read_bytes().split(b"\n")[:-1]

    def copy(self, root: Path) -> "Study":
        shutil.copytree(self.root, root)
        return Study(root)

    def start(self, log: Log | None = None) -> RunHandle:
        return (log or self.open()).start_run(start())

    def release(self, out: Path, spend: str = "0.25") -> Entry:
        """Go through a whole run that releases one file and its proof into `out`."""
        out.mkdir(parents=True)
        with self.start() as run:
            run.reserve({"brands": loss(spend)})
            (out / "release.csv").write_bytes(b"noisy\n")
            entry = run.release({o.name: o.digest for o in outputs_in(out)})
        proof = prove(self.log_dir, self.trust, entry.seq)
        (out / PROOF_NAME).write_bytes(proof.to_bytes())
        return entry


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study.create(tmp_path / "study")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with one release in `out`; to be copied, not changed."""
    study = Study.create(tmp_path_factory.mktemp("finished") / "study")
    study.release(study.root / "out")
    return study


@pytest.fixture
def serve() -> Iterator[Callable[..., WitnessServer]]:
    """Serve witnesses over HTTP on this machine, until the test is over."""
    servers: list[WitnessServer] = []

    def start(*witnesses: DirectoryWitness) -> WitnessServer:
        server = WitnessServer(("127.0.0.1", 0), witnesses, lambda: DAY)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
