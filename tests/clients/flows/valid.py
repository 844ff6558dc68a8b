"""Validates $metadata against the schemas of OASIS: python valid.py FOLDER_OF_SCHEMAS < DOCUMENT"""

import sys
from pathlib import Path

from lxml import etree

schema = etree.XMLSchema(etree.parse(Path(sys.argv[1]) / "edmx.xsd"))
schema.assertValid(etree.fromstring(sys.stdin.buffer.read()))
