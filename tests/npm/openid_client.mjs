// A relying party on openid-client: what its README shows, with every check it has switched on.

import { importJWK } from 'jose'
import * as client from 'openid-client'

import { perform, publish, visit } from './dialogue.mjs'

const header = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url'))

/** How the client proves itself at the token endpoint. */
async function authentication({ method, secret, key }) {
  switch (method) {
    case 'none':
      return client.None()
    case 'client_secret_post':
      return client.ClientSecretPost(secret)
    case 'client_secret_jwt':
      return client.ClientSecretJwt(secret)
    case 'private_key_jwt':
      return client.PrivateKeyJwt({ key: await importJWK(key, key.alg), kid: key.kid })
    default:
      return client.ClientSecretBasic(secret)
  }
}

/** The issuer as discovered, and how this client speaks to it. */
async function configure(task) {
  const flow = {
    'code id_token': client.useCodeIdTokenResponseType,
    id_token: client.useIdTokenResponseType,
  }[task.response_type]
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
  if (flow) execute.push(flow)
  if (task.is_detached) execute.push(client.enableDetachedSignatureResponseChecks) // s_hash too
  if (task.decryption_key) {
    const { alg, kid } = task.decryption_key
    const key = await importJWK(task.decryption_key, alg)
    execute.push((config) => client.enableDecryptingResponses(config, undefined, { key, alg, kid }))
  }
  const issuer = new URL(task.issuer)
  if (task.register) {
    const proof = task.key ? await authentication(task) : undefined // else the secret it is given
    const options = { execute, initialAccessToken: task.initial_access_token }
    return client.dynamicClientRegistration(issuer, task.register, proof, options)
  }
  const proof = await authentication(task)
  return client.discovery(issuer, task.client_id, task.metadata, proof, { execute })
}

/** Where the person is sent, and what has to come back. */
async function request(config, task) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    ...(task.max_age === undefined ? {} : { maxAge: task.max_age }),
  }
  const parameters = {
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...(task.max_age === undefined ? {} : { max_age: String(task.max_age) }),
    ...task.parameters,
  }
  if (!task.request_object_key) return { checks, url: client.buildAuthorizationUrl(config, parameters) }
  const { alg, kid } = task.request_object_key
  const key = { key: await importJWK(task.request_object_key, alg), kid }
  const url = await client.buildAuthorizationUrlWithJAR(config, parameters, key)
  if (!task.by_reference) return { checks, url }
  const reference = { request_uri: await publish(url.searchParams.get('request')) }
  return { checks, url: client.buildAuthorizationUrl(config, reference) }
}

/** Everything a signed-in application does, in the order of a visit. */
async function use(config, task, tokens) {
  const told = { claims: tokens.claims(), algorithm: header(tokens.id_token).alg }
  told.userinfo = await client.fetchUserInfo(config, tokens.access_token, told.claims.sub)
  let last = tokens
  if (tokens.refresh_token) {
    last = await client.refreshTokenGrant(config, tokens.refresh_token)
    told.refreshed = { ...last.claims(), is_new: last.refresh_token !== tokens.refresh_token }
  }
  if (task.introspects) {
    told.introspection = await client.tokenIntrospection(config, last.access_token)
  }
  if (task.revokes) {
    await client.tokenRevocation(config, last.refresh_token ?? last.access_token)
    if (task.introspects) {
      told.revoked = await client.tokenIntrospection(config, last.access_token)
    }
  }
  const opened = client.getDecryptedResponses(tokens)?.id_token?.token_endpoint
  return { ...told, hint: opened ?? last.id_token ?? tokens.id_token }
}

/** RP-Initiated Logout, with what the server needs to be sure who asks. */
async function leave(config, task, hint) {
  const state = client.randomState()
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: task.after, state }
  const back = await visit(client.buildEndSessionUrl(config, parameters))
  if (back.searchParams.get('state') !== state) throw new Error('another state came back')
  return `${back.origin}${back.pathname}`
}

await perform(async (task) => {
  const config = await configure(task)
  const { checks, url } = await request(config, task)
  const arrived = await visit(url)
  if (task.response_type === 'id_token') {
    const claims = await client.implicitAuthentication(config, arrived, checks.expectedNonce, checks)
    return { claims }
  }
  const tokens = await client.authorizationCodeGrant(config, arrived, checks)
  const told = await use(config, task, tokens)
  if (task.after) told.left = await leave(config, task, told.hint)
  return { ...told, registered: config.clientMetadata() }
})
