"""PyPI python-odata, a client for any OData service, as its guide shows it: python reflected.py ADDRESS TOKEN"""

import sys
import unittest

import requests
from odata import ODataService

ADDRESS, TOKEN = sys.argv[1:3]


def service() -> ODataService:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    address = f"{ADDRESS}/api/data/v9.2/"
    # The client learns keys from the row that a create answers with, which Dataverse sends to who prefers it.
    headers = {"Prefer": "return=representation"}
    return ODataService(address, session=session, extra_headers=headers, reflect_entities=True, quiet_progress=True)


class Reflected(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.service = service()

    def test_finds_every_table_with_its_columns(self) -> None:
        self.assertIn("opportunities", self.service.entities)
        account = self.service.entities["accounts"]
        for name in ("accountid", "name", "revenue", "createdon", "primarycontactid", "contact_customer_accounts"):
            self.assertTrue(hasattr(account, name), name)
        self.assertTrue(hasattr(self.service.entities["tasks"], "subject"), "what all activities have")

    def test_reads_rows_of_every_table(self) -> None:
        for name, entity in self.service.entities.items():
            with self.subTest(name):
                self.service.query(entity).limit(2).all()

    def test_creates_changes_and_deletes_a_row(self) -> None:
        account = self.service.entities["accounts"]
        made = account()
        made.name = "Halden Robotics"
        self.service.save(made)
        self.assertIsNotNone(made.accountid)
        made.telephone1 = "+47 22 33 44 55"
        self.service.save(made)
        query = self.service.query(account)
        found = query.filter(account.name == "Halden Robotics").all()
        self.assertEqual([row.telephone1 for row in found], ["+47 22 33 44 55"])
        self.service.delete(made)
        self.assertEqual(self.service.query(account).filter(account.name == "Halden Robotics").all(), [])

    def test_calls_functions_it_found(self) -> None:
        self.assertIn("WhoAmI", self.service.functions)
        self.assertIn("WinOpportunity", self.service.actions)
        self.assertTrue(hasattr(self.service.entities["leads"], "QualifyLead"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
