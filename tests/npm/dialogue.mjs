// One JSON object a line: the test says what to do, a program here does it with somebody's library.
//
// A program asks for a person's browser with `visit`; the test opens the address, does what the
// pages ask, and says what arrived at the redirect URI.

import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Say something to the test. */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Hear what the test says next; undefined when it has nothing more to say. */
async function hear() {
  const { value } = await lines.next()
  return value === undefined ? undefined : JSON.parse(value)
}

/** Send the person's browser somewhere; return what it brought back, as a URL or a posted form. */
export async function visit(address) {
  say({ visit: String(address) })
  const { url, body } = await hear()
  if (body === undefined) return new URL(url)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return new Request(url, { method: 'POST', headers, body })
}

/** Have a document published where the server can fetch it; return its address. */
export async function publish(document) {
  say({ publish: document })
  return (await hear()).url
}

/** Run `act` on the one task of this process, and tell how it ended. */
export async function perform(act) {
  const task = await hear()
  try {
    say({ done: await act(task) })
  } catch (fault) {
    const { name, code, error, error_description: description, message, stack } = fault
    const status = fault.status ?? fault.cause?.status // of an answer the library did not understand
    say({ refused: { name, code, error, description, message, status, stack } })
  }
  process.stdin.destroy()
}
