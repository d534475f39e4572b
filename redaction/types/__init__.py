"""The types that leave redaction."""
