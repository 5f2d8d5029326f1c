// A real identity provider on this machine: the package oidc-provider, with a login page of two buttons.

import { createServer } from "node:http";
import Provider from "oidc-provider";
import { freePort } from "./app.mjs";

export const CLIENT = "roster";
export const CLIENT_SECRET = "a client's secret, with % and +";

/** Accounts by their login: what the provider knows of each. */
const PEOPLE = {
  grace: { email: "grace@example.org", email_verified: true, name: "Grace Hopper", given_name: "Grace", family_name: "Hopper", groups: ["staff"] },
  ada: { email: "ada@example.org", email_verified: true, name: "Ada Lovelace" },
};

/** Starts it, on this port if one is given; `callback` is where it may send people. Returns its issuer and how to close it. */
export async function startProvider(callback, port) {
  const server = createServer();
  const freed = port ?? (await freePort());
  await new Promise((listening) => server.listen(freed, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: CLIENT_SECRET,
        redirect_uris: [callback],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "given_name", "family_name", "groups"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["only for tests"] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    // Whoever signs in has agreed to everything.
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  });
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, issuer);
    if (pathname === "/favicon.ico") return response.writeHead(204).end();
    if (!pathname.startsWith("/login/")) return handle(request, response);
    if (searchParams.has("as")) {
      const login = { accountId: searchParams.get("as"), amr: searchParams.has("mfa") ? ["pwd", "mfa"] : ["pwd"] };
      return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    }
    const links = Object.keys(PEOPLE).map((login) => `<a href="?as=${login}">I am ${login}</a>`);
    response.setHeader("content-type", "text/html").end(`<!doctype html><title>Log in</title><main>${links.join(" ")}</main>`);
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { issuer, close };
}
