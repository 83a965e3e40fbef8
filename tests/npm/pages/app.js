// A single-page application on oidc-client-ts: each button is one call of the library.

const { UserManager, WebStorageStateStore } = window.oidc
const settings = await (await fetch('/settings.json')).json()
const manager = new UserManager({
  ...settings,
  userStore: new WebStorageStateStore({ store: window.sessionStorage }),
})

/** What a person may see of a signed-in user. */
function told(user) {
  if (!user) return { profile: null }
  return { profile: user.profile, scope: user.scope, has_refresh_token: Boolean(user.refresh_token) }
}

const actions = {
  'sign-in': () => manager.signinRedirect({ nonce: crypto.randomUUID() }),
  'ask-again': () => manager.signinRedirect({ prompt: 'consent' }),
  callback: async () => told(await manager.signinCallback()),
  who: async () => told(await manager.getUser()),
  renew: async () => told(await manager.signinSilent()),
  'renew-in-frame': async () => told(await manager.signinSilent({ forceIframeAuth: true })),
  revoke: async () => {
    await manager.revokeTokens()
    return told(await manager.getUser())
  },
  'sign-out': () => manager.signoutRedirect(),
}

/** Do one thing and show what came of it. */
async function act(name) {
  const output = document.querySelector('output')
  output.textContent = ''
  let shown
  try {
    shown = await actions[name]()
  } catch (fault) {
    shown = { error: fault.error ?? fault.message }
  }
  if (shown) output.textContent = JSON.stringify(shown)
}

for (const button of document.querySelectorAll('button')) button.onclick = () => act(button.id)
manager.events.addUserSignedOut(() => {
  document.title = 'Signed out elsewhere'
})
if (window.self !== window.top) await manager.signinCallback() // the frame of a silent renewal
else if (window.location.pathname === '/callback') await act('callback')
document.body.dataset.ready = 'yes'
