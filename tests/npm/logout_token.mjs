// What a relying party does with a logout token (OIDC Back-Channel Logout §2.6), by jose.

import { createRemoteJWKSet, jwtVerify } from 'jose'

import { perform } from './dialogue.mjs'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

await perform(async ({ issuer, client_id: audience, logout_token: token }) => {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))
  const requiredClaims = ['iat', 'exp', 'jti', 'events']
  const expected = { issuer, audience, typ: 'logout+jwt', requiredClaims }
  const { payload } = await jwtVerify(token, keys, expected)
  if (JSON.stringify(payload.events) !== JSON.stringify({ [EVENT]: {} })) throw new Error('events')
  if ('nonce' in payload) throw new Error('a logout token with a nonce')
  return payload
})
