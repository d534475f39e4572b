"""The public notice of a study, in plain language: for those whose photos may be in it."""

from engine.notice.interface import Notice
from engine.notice.making import notice
from engine.notice.markdown import as_markdown
from engine.notice.page import as_html

__all__ = ["Notice", "as_html", "as_markdown", "notice"]
