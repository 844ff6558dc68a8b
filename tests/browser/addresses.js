// The addresses of every kind of page, for tests that walk all of them.

import assert from "node:assert/strict";

const PAGES = [
  "/home",
  "/leads",
  "/leads?view=all",
  "/leads?view=all&group=leadsourcecode",
  "/leads/board?view=open",
  "/opportunities?view=all",
  "/opportunities/board?view=open",
  "/accounts",
  "/contacts",
  "/activitypointers?view=all",
  "/tasks",
  "/phonecalls?view=all",
  "/products",
  "/competitors",
  "/leads/new",
  "/opportunities/new",
  "/emails/new",
  "/import",
  "/deleted",
  "/notifications",
  "/privacy",
  "/privacy/retention",
  "/retentionrules",
  "/process-flows",
  "/process-flows/leadtoopportunitysalesprocess",
  "/process-designer",
  "/process-designer/leadtoopportunitysalesprocess",
  "/settings/profile",
  "/settings/sign-in",
  "/sign-in/set-up",
  "/no-such-page",
];

/** Every page, those of a lead, a deal and an account included. */
export async function everyAddress(page) {
  const lead = await first(page, "leads");
  const deal = await first(page, "opportunities");
  const account = await first(page, "accounts");
  return [...PAGES, lead, `${lead}/history`, `${lead}/shares`, deal, account];
}

async function first(page, table) {
  await page.goto(`/${table}?view=all`);
  const links = await page.locator("tbody a[href]").evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute("href")));
  const found = links.find((href) => new RegExp(`^/${table}/[0-9a-f-]{36}$`).test(href));
  assert.ok(found, `the list of ${table} shows no record`);
  return found;
}
