"""`crowdlens policy schema`: what editors need to help with a policy file."""

import sys

from policies.json_schema import schema_text


def schema() -> None:
    """Print the JSON Schema (draft 7) of policy files, for editors.

    The policy's first line names it: `# yaml-language-server: $schema=policy.v1.json`

    Example: crowdlens policy schema > policy.v1.json
    """
    sys.stdout.write(schema_text())
