"""The list of people who object: keyed, dated, and applied before a photo is opened.

`create_list`, `add_accounts` and `refresh_list` keep it; `open_list` gives what a run asks of it.
"""

from engine.optouts.errors import OptOutKeyUntrusted, OptOutsUnusable
from engine.optouts.keeping import add_accounts, create_list, refresh_list
from engine.optouts.list_file import ListFile, OptOutList, open_list, read_list
from engine.optouts.secret import Secret, create_secret, load_secret

__all__ = [
    "ListFile",
    "OptOutKeyUntrusted",
    "OptOutList",
    "OptOutsUnusable",
    "Secret",
    "add_accounts",
    "create_list",
    "create_secret",
    "load_secret",
    "open_list",
    "read_list",
    "refresh_list",
]
