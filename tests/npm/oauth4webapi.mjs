// A relying party on oauth4webapi: every request and every check written out, one after the other.

import { importJWK } from 'jose'
import * as oauth from 'oauth4webapi'

import { perform, visit } from './dialogue.mjs'

const plain = { [oauth.allowInsecureRequests]: true } // loopback, without TLS

/** How the client proves itself at the token endpoint. */
async function authentication({ method, secret, key }) {
  switch (method) {
    case 'none':
      return oauth.None()
    case 'private_key_jwt':
      return oauth.PrivateKeyJwt({ key: await importJWK(key, key.alg), kid: key.kid })
    case 'client_secret_post':
      return oauth.ClientSecretPost(secret)
    default:
      return oauth.ClientSecretBasic(secret)
  }
}

/** What the issuer says about itself. */
async function discover(issuer) {
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...plain })
  return oauth.processDiscoveryResponse(issuer, answer)
}

/** Send the person to the issuer and return the parameters that came back. */
async function authorize(as, client, task, checks) {
  const url = new URL(as.authorization_endpoint)
  const parameters = {
    client_id: client.client_id,
    redirect_uri: task.redirect_uri,
    response_type: 'code',
    scope: task.scope,
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    ...task.parameters,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const arrived = await visit(url)
  if (arrived instanceof URL) return oauth.validateAuthResponse(as, client, arrived, checks.state)
  const form = new URLSearchParams(await oauth.formPostResponse(arrived))
  return oauth.validateAuthResponse(as, client, form, checks.state)
}

/** Exchange the code; the ID token is checked, its signature too. */
async function redeem(as, client, proof, task, checks, parameters) {
  const answer = await oauth.authorizationCodeGrantRequest(
    as, client, proof, parameters, task.redirect_uri, checks.verifier, plain,
  )
  const expected = { expectedNonce: checks.nonce, requireIdToken: true }
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, expected)
  await oauth.validateApplicationLevelSignature(as, answer, plain)
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) }
}

/** Refresh, and check the ID token that may come with it. */
async function refresh(as, client, proof, token) {
  const answer = await oauth.refreshTokenGrantRequest(as, client, proof, token, plain)
  const tokens = await oauth.processRefreshTokenResponse(as, client, answer)
  if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, answer, plain)
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) }
}

/** Ask what an access token is worth. */
async function introspect(as, client, proof, token) {
  const answer = await oauth.introspectionRequest(as, client, proof, token, plain)
  return oauth.processIntrospectionResponse(as, client, answer)
}

await perform(async (task) => {
  const as = await discover(new URL(task.issuer))
  const client = { client_id: task.client_id, ...task.metadata }
  const proof = await authentication(task)
  const checks = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  }
  const parameters = await authorize(as, client, task, checks)
  const { tokens, claims } = await redeem(as, client, proof, task, checks, parameters)

  const profile = await oauth.userInfoRequest(as, client, tokens.access_token, plain)
  const userinfo = await oauth.processUserInfoResponse(as, client, claims.sub, profile)
  const fresh = await refresh(as, client, proof, tokens.refresh_token)
  const access = fresh.tokens.access_token
  const introspection = task.introspects ? await introspect(as, client, proof, access) : undefined
  const gone = await oauth.revocationRequest(as, client, proof, fresh.tokens.refresh_token, plain)
  await oauth.processRevocationResponse(gone)
  const revoked = task.introspects ? await introspect(as, client, proof, access) : undefined
  return { claims, userinfo, refreshed: fresh.claims, introspection, revoked }
})
