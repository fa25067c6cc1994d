// What several tests of this package need.
import { isJwtGateError } from '@jwtgate/core'

/** The code with which a token is refused. Fails if it is accepted, or refused with anything but one of our errors. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (isJwtGateError(error)) return error.code
    throw error
  }
  throw new Error('accepted, but should have been refused')
}

/** A header or a payload. */
export function decode(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
}

export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}
