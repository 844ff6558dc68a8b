"""Validates openapi.json against the schemas of OpenAPI 3.1: python described.py < DOCUMENT"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

document = json.load(sys.stdin)
faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
print("\n".join(faults[:20]), file=sys.stderr)
sys.exit(bool(faults))
