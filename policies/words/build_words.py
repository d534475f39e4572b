"""Make `english.txt` from SCOWL; not run at install.

    apt-get download scowl && dpkg -x scowl_2020.12.07-2_all.deb scowl
    python -m policies.words.build_words scowl/usr/share/dict/scowl

SCOWL's sizes 10 and 20 are the most frequent words, spelled alike in America and Britain.
Possessives, single letters and words with accents are left out.
"""

import sys
from pathlib import Path
from typing import Final

LISTS: Final = ("english-words.10", "english-words.20")


def main() -> None:
    """Write the list beside this script, one word a line."""
    folder = Path(sys.argv[1])
    words: set[str] = set()
    for name in LISTS:
        for word in (folder / name).read_text(encoding="latin-1").split():
            if len(word) > 1 and word.isascii() and word.isalpha() and word.islower():
                words.add(word)
    text = "".join(f"{word}\n" for word in sorted(words))
    Path(__file__).with_name("english.txt").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
