// What a receiver hears, checked by npm standardwebhooks as its guide shows it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { EMAIL, startServer } from "../../server.js";

describe("standardwebhooks", () => {
  const waiting = [];
  let server, receiver, token;

  /** The next request that the receiver gets. */
  const next = () => new Promise((resolve) => waiting.push(resolve));
  const post = async (address, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", prefer: "return=representation" };
    const response = await fetch(`${server.address}${address}`, { method: "POST", headers, body: body && JSON.stringify(body) });
    assert.ok(response.ok, await response.clone().text());
    return response.json();
  };

  before(async () => {
    server = await startServer({ leads: 0, configuration: 'allow_outgoing = ["127.0.0.1"]\n' });
    token = server.run("token", "create", "--user", EMAIL).trim();
    receiver = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      waiting.shift()?.({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
  });
  after(async () => {
    receiver?.close();
    await server?.stop();
  });

  test("verifies what arrives, and nothing else", async () => {
    const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
    const { webhookid } = await post("/api/data/v9.2/webhooks", { name: "Receiver", url, targetentityname: "lead" });
    const { secret } = await post(`/api/webhooks/${webhookid}/secret`);
    let arrived = next();
    const made = await post("/api/data/v9.2/leads", { subject: "Cranes", lastname: "Berg", budgetamount: 12.5 });
    const created = await arrived;
    const verifier = new Webhook(secret);
    const event = verifier.verify(created.body, created.headers);
    assert.equal(event.type, "lead.created");
    assert.equal(event.data.row.subject, "Cranes");
    for (const [name, value] of Object.entries(event.data.row)) {
      if (!name.includes("@")) assert.deepEqual(value, made[name], `${name} as the Web API shows it`);
    }
    assert.throws(() => verifier.verify(created.body.replace("Cranes", "Trains"), created.headers), WebhookVerificationError);
    assert.throws(() => new Webhook(`whsec_${Buffer.from("another").toString("base64")}`).verify(created.body, created.headers), WebhookVerificationError);

    arrived = next();
    const renewed = await post(`/api/webhooks/${webhookid}/secret`);
    await post(`/api/webhooks/${webhookid}/tests`);
    const tested = await arrived;
    for (const each of [secret, renewed.secret]) assert.equal(new Webhook(each).verify(tested.body, tested.headers).type, "webhook.test");
  });
});
