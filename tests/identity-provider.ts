import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";

/*
 * An identity provider on loopback with the words of NHS CIS2: discovery, authorization code with PKCE, client authentication by
 * private_key_jwt, userinfo, keys, logout tokens. It really signs and really checks; a test may make it lie.
 */

export const clientId = "999999999999.apps.national";
export const organisation = "RX1";

export interface Held {
  readonly person_roleid: string;
  readonly org_code: string;
  readonly role_code: string;
}
export const nurseHeld: Held = {
  person_roleid: "555000000001",
  org_code: organisation,
  role_code: "S0010:G0020:R8001",
};

export interface Person {
  readonly sub: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly nhsid_nrbac_roles: readonly Held[];
}
export const ada: Person = {
  sub: "100000000001",
  given_name: "Ada",
  family_name: "Moss",
  nhsid_nrbac_roles: [nurseHeld],
};

/** How the next token differs from a good one. */
export interface Lie {
  readonly claims?: JWTPayload;
  readonly leaveOut?: readonly string[];
  /** Signs as somebody else would. */
  readonly forge?: (claims: JWTPayload) => Promise<string> | string;
}

interface Code {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly person: Person;
  used: boolean;
}

export const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

export async function startIdentityProvider(port = 0) {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "one", alg: "RS256", use: "sig" };
  const codes = new Map<string, Code>();
  const access = new Map<string, Person>();
  const assertions = new Set<string>();
  const refusedAtToken: string[] = [];
  const state = {
    person: ada,
    lie: {} as Lie,
    wantsKey: true,
    userinfo: undefined as object | undefined,
    sid: "sid-1",
  };
  let issuer = "";

  const sign = (claims: JWTPayload, typ = "JWT"): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one", typ }).sign(keys.privateKey);
  const nowSec = (): number => Math.floor(Date.now() / 1_000);

  async function idToken(person: Person, nonce: string): Promise<string> {
    const claims: JWTPayload = {
      iss: issuer,
      aud: clientId,
      sub: person.sub,
      iat: nowSec(),
      exp: nowSec() + 300,
      auth_time: nowSec(),
      nonce,
      sid: state.sid,
      acr: "AAL3_ANY",
      authentication_assurance_level: "3",
      id_assurance_level: "3",
      jti: randomUUID(),
      ...state.lie.claims,
    };
    for (const name of state.lie.leaveOut ?? []) delete claims[name];
    return state.lie.forge === undefined ? sign(claims) : state.lie.forge(claims);
  }

  async function token(body: URLSearchParams): Promise<[number, object]> {
    const fail = (why: string): [number, object] => {
      refusedAtToken.push(why);
      return [400, { error: "invalid_grant" }];
    };
    if (state.wantsKey) {
      const assertion = body.get("client_assertion") ?? "";
      if (body.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        return fail("no assertion");
      try {
        const checks = {
          issuer: clientId,
          subject: clientId,
          audience: [issuer, `${issuer}/token`],
          requiredClaims: ["exp", "jti"],
        };
        const { payload } = await jwtVerify(assertion, ours.publicKey, { ...checks, algorithms: ["RS512"] });
        if (assertions.has(String(payload.jti))) return fail("assertion replayed");
        assertions.add(String(payload.jti));
      } catch {
        return fail("assertion");
      }
    }
    const code = codes.get(body.get("code") ?? "");
    if (code === undefined || code.used) return fail("code");
    code.used = true;
    const verifier = body.get("code_verifier") ?? "";
    if (createHash("sha256").update(verifier).digest("base64url") !== code.challenge) return fail("pkce");
    if (body.get("redirect_uri") !== code.redirectUri) return fail("redirect_uri");
    const accessToken = randomUUID();
    access.set(accessToken, code.person);
    const id_token = await idToken(code.person, code.nonce);
    return [200, { access_token: accessToken, token_type: "Bearer", expires_in: 300, id_token }];
  }

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
    token_endpoint_auth_signing_alg_values_supported: ["RS512"],
    code_challenge_methods_supported: ["S256"],
    backchannel_logout_supported: true,
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", issuer);
    const json = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return void json(200, metadata());
      case "/jwks":
        return void json(200, { keys: [jwk] });
      case "/authorize":
        return void response.writeHead(303, { location: authorize(url) }).end();
      case "/token": {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        return void json(...(await token(new URLSearchParams(Buffer.concat(parts).toString()))));
      }
      case "/userinfo": {
        const person = access.get((request.headers.authorization ?? "").replace("Bearer ", ""));
        if (person === undefined) return void response.writeHead(401, { "www-authenticate": "Bearer" }).end();
        return void json(200, state.userinfo ?? person);
      }
      default:
        return void response.writeHead(404).end();
    }
  }

  /** As if the person had shown their smartcard: where the browser is sent back to. */
  function authorize(url: URL): string {
    const query = url.searchParams;
    const wants = { response_type: "code", client_id: clientId, code_challenge_method: "S256", prompt: "login" };
    for (const [name, value] of Object.entries(wants))
      if (query.get(name) !== value) throw new Error(`${name} is ${query.get(name)}`);
    const code = randomUUID();
    const redirectUri = query.get("redirect_uri") ?? "";
    const challenge = query.get("code_challenge") ?? "";
    codes.set(code, { challenge, nonce: query.get("nonce") ?? "", redirectUri, person: state.person, used: false });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    return back.href;
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((cause: unknown) => response.writeHead(500).end(String(cause)));
  });
  const listen = (at: number) =>
    new Promise<void>((resolve) => {
      server.listen(at, "127.0.0.1", resolve);
    });
  await listen(port);
  const listening = (server.address() as AddressInfo).port;
  issuer = `http://127.0.0.1:${listening}`;
  return {
    issuer,
    clientKey: ours.privateKey,
    publicKey: keys.publicKey,
    state,
    sign,
    authorize,
    refusedAtToken,
    /** A person at the provider, as the agent would be handed them. */
    async tokens(person: Person, nonce: string) {
      const accessToken = randomUUID();
      access.set(accessToken, person);
      return { idToken: await idToken(person, nonce), accessToken };
    },
    logoutToken(change: JWTPayload = {}, typ = "logout+jwt"): Promise<string> {
      const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
      const claims = { iss: issuer, aud: clientId, iat: nowSec(), exp: nowSec() + 120, jti: randomUUID(), events };
      return sign({ ...claims, ...change }, typ);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    again: () => listen(listening),
  };
}
export type TestProvider = Awaited<ReturnType<typeof startIdentityProvider>>;

export const siteOidc = (provider: TestProvider, change: object = {}) => ({
  issuer: provider.issuer,
  clientId,
  pagesAt: "http://127.0.0.1:8080",
  roles: [
    { organisation, roleCode: "R8001", role: "nurse" },
    { organisation, roleCode: "S0010:G0020:R8000", role: "nurse-in-charge" },
  ],
  ...change,
});
