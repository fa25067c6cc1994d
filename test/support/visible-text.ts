// All that anybody could see of an error: the client, the operator, and whoever logs it.
import { inspect } from 'node:util'
import { isJwtGateError, problemResponse } from '@jwtgate/core'

export function visibleText(error: unknown): string {
  const seen: unknown[] = [String(error), JSON.stringify(error), inspect(error, { showHidden: true, depth: 9 })]
  if (error instanceof Error) seen.push(error.message, error.stack, inspect(error.cause))
  if (isJwtGateError(error)) seen.push(error.hint, JSON.stringify(error.headers), problemResponse(error)?.body)
  return seen.join('\n')
}
