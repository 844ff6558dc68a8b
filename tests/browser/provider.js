// A real identity provider: panva's certified `oidc-provider`, with a few people in it.

import http from "node:http";
import { Provider } from "oidc-provider";

export const CLIENT = { id: "pipewright", secret: "the secret between the two" };

const PEOPLE = {
  nora: { email: "nora@contoso.example", email_verified: true, given_name: "Nora", family_name: "North", groups: ["sales"] },
  ada: { email: "ada@contoso.example", email_verified: true, given_name: "Ada", family_name: "Adams", groups: ["admins", "sales"] },
  una: { email: "una@contoso.example", email_verified: false, given_name: "Una", family_name: "Unverified", groups: ["sales"] },
  gus: { email: "gus@contoso.example", email_verified: true, given_name: "Gus", family_name: "Groupless", groups: ["kitchen"] },
};

/** A port for the provider; `open` lets it answer once the client's address is known. */
export async function startProvider() {
  const server = http.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  return {
    issuer,
    people: PEOPLE,
    open(client) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${client}/sign-in/provider/answer`] }],
        scopes: ["openid", "email", "profile", "groups"],
        claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name"], groups: ["groups"] },
        conformIdTokenClaims: false,
        pkce: { required: () => true },
        cookies: { keys: ["a key for the tests"] },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
      });
      server.on("request", provider.callback());
    },
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

/** What goes into Pipewright's configuration. */
export function configuration(issuer, { allowed = true } = {}) {
  return `
${allowed ? 'allow_outgoing = ["127.0.0.1"]' : ""}

[single_sign_on]
name = "Contoso"
issuer = "${issuer}"
client_id = "${CLIENT.id}"
client_secret_file = "client-secret"
scopes = ["email", "profile", "groups"]
create_people = true

[[single_sign_on.group]]
name = "sales"
roles = ["Salesperson"]

[[single_sign_on.group]]
name = "admins"
roles = ["System Administrator"]
`;
}
