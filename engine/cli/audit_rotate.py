"""`crowdlens audit rotate-key`: give a log another key, and tell others."""

from audit import Log, Trust
from audit.bodies import KeyRotate
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, today, trust_file


def rotate_key(log: LogDirectory, trust: TrustFile = None, json: Json = False) -> None:
    """Hand a log over to a new key, made here and now; the old one is destroyed.

    Both keys sign the entry and the checkpoint over it, and later ones are signed by the new key
    alone. Trust files that pin the first key go on verifying the log; those by which a proof is
    verified without the log must name the new key: hand them the lines that this prints, by another
    way than the log. Killed at any point, the next command goes on where it was.

    Example: crowdlens audit rotate-key --log site/log
    """
    opened = Log.open(log, Trust.load(trust_file(trust, log)), today())
    entry = opened.rotate_key()
    assert isinstance(entry.body, KeyRotate)
    successor = opened.trust.successors[-1]
    if json:
        named = {"vkey": str(successor.vkey), "from": successor.size}
        show_json({"entry": entry.seq, "old": entry.body.old, "successor": named})
        return
    say(f"Entry {entry.seq}: the log goes over to a new key; the old one is gone from this machine")
    say("  Copies of it in backups can sign nothing that counts beyond this entry: destroy them.")
    show("Have this added to trust files, under successors, for proofs that are verified alone:")
    show(f"  - vkey: {successor.vkey}")
    show(f"    from: {successor.size}")
