"""PyPI dataverse-api, as its guide shows it: python accounts.py ADDRESS TOKEN"""

import sys
import unittest

import requests
from dataverse_api.dataverse import DataverseClient

ADDRESS, TOKEN = sys.argv[1:3]


def client() -> DataverseClient:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    return DataverseClient(session=session, environment_url=ADDRESS)


class Accounts(unittest.TestCase):
    def setUp(self) -> None:
        self.accounts = client().entity("account")

    def test_learns_of_the_table_what_it_needs(self) -> None:
        self.assertEqual(self.accounts.entity_set_name, "accounts")
        self.assertEqual(self.accounts.primary_id_attr, "accountid")
        self.assertTrue(self.accounts.supports_create_multiple)
        self.assertTrue(self.accounts.supports_update_multiple)
        self.assertIn("primarycontactid", str(self.accounts.relationships.single_valued))

    def test_creates_reads_and_deletes_rows(self) -> None:
        [made] = self.accounts.create([{"name": "Halden Robotics"}], return_created=True)
        self.assertEqual(made.json()["name"], "Halden Robotics")
        several = [{"name": f"Foundry {number}"} for number in range(12)]
        self.accounts.create(several, mode="multiple")
        rows = self.accounts.read(select=["name"], filter="startswith(name,'Foundry')", order_by="name", page_size=5)
        self.assertEqual(len(rows), 12)
        self.assertEqual(rows[0]["name"], "Foundry 0")
        self.accounts.delete(ids=[row["accountid"] for row in rows])
        self.assertEqual(self.accounts.read(select=["name"], filter="startswith(name,'Foundry')"), [])

    def test_writes_rows_as_a_batch(self) -> None:
        self.accounts.create([{"name": f"Batch {number}"} for number in range(7)], mode="batch")
        rows = self.accounts.read(select=["name"], filter="startswith(name,'Batch')")
        self.assertEqual(len(rows), 7)
        self.accounts.delete(filter="startswith(name,'Batch')", mode="batch")
        self.assertEqual(self.accounts.read(select=["name"], filter="startswith(name,'Batch')"), [])

    def test_upserts_rows_one_by_one(self) -> None:
        key = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
        self.accounts.upsert([{"accountid": key, "name": "Upserted"}], mode="individual")
        self.accounts.upsert([{"accountid": key, "name": "Upserted again"}], mode="individual")
        rows = self.accounts.read(select=["name"], filter=f"accountid eq {key}")
        self.assertEqual([row["name"] for row in rows], ["Upserted again"])

    def test_tells_languages(self) -> None:
        self.assertEqual(client().get_language_codes(), [1033, 1031])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
