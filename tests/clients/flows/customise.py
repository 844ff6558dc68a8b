"""PyPI dataverse-api making tables of its own: python customise.py ADDRESS TOKEN"""

import sys
import unittest

import requests
from dataverse_api.dataverse import DataverseClient
from dataverse_api.metadata import attributes
from dataverse_api.metadata.complex_properties import create_label
from dataverse_api.metadata.entity import define_entity
from dataverse_api.metadata.enums import OwnershipType
from dataverse_api.metadata.relationships import define_relationship

ADDRESS, TOKEN = sys.argv[1:3]


class Customising(unittest.TestCase):
    def setUp(self) -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        self.client = DataverseClient(session=session, environment_url=ADDRESS)

    def test_makes_uses_changes_and_deletes_a_table(self) -> None:
        columns = [
            attributes.StringAttributeMetadata(
                schema_name="lab_Name", display_name=create_label(label="Name"), is_primary_name=True
            ),
            attributes.IntegerAttributeMetadata(
                schema_name="lab_Count", display_name=create_label(label="Count"), min_value=0, max_value=100
            ),
            attributes.BooleanAttributeMetadata(
                schema_name="lab_Passed", display_name=create_label(label="Passed")
            ),
        ]
        table = define_entity(
            "lab_Sample", columns, description="Samples of the lab", display_name="Sample",
            ownership_type=OwnershipType.ORGANIZATION_OWNED,
        )
        made = self.client.create_entity(table, solution_name="Lab", return_representation=True)
        self.assertEqual(made.json()["LogicalName"], "lab_sample")
        entity = self.client.entity("lab_sample")
        note = attributes.MemoAttributeMetadata(schema_name="lab_Note", display_name=create_label(label="Note"))
        entity.add_attribute(note)
        date = attributes.DateTimeAttributeMetadata(schema_name="lab_Taken", display_name=create_label(label="Taken"))
        entity.add_attribute(date, return_representation=True)
        entity.create([{"lab_name": "A 1", "lab_count": 3, "lab_passed": True, "lab_note": "clear"}])
        [row] = entity.read(select=["lab_name", "lab_note"], filter="lab_passed eq true")
        self.assertEqual(row["lab_note"], "clear")

        known = self.client.get_entity_definition("lab_sample")
        known.display_name = create_label(label="Laboratory sample")
        self.client.update_entity(known, preserve_localized_labels=True)
        told = self.client.get_entity_definition("lab_sample")
        self.assertEqual(told.display_name.localized_labels[0].label, "Laboratory sample")

        lookup = attributes.LookupAttributeMetadata(
            schema_name="lab_AccountId", display_name=create_label(label="Account")
        )
        self.client.create_relationship(
            define_relationship("lab_account_samples", "lab_sample", "account", lookup)
        )
        told = self.client.get_relationship_definition("lab_account_samples")
        self.assertEqual(told.referencing_attribute, "lab_accountid")
        self.client.delete_relationship("lab_account_samples")
        entity.remove_attribute(logical_name="lab_count")
        self.client.delete_entity("lab_sample")
        self.assertEqual(requests.get(
            f"{ADDRESS}/api/data/v9.2/lab_samples", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        ).status_code, 404)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
