// Fetches the keys of all issuers before the first request needs them.
import { isJwtGateError } from './errors.ts'
import { refused } from './http/refused.ts'
import type { IssuerSettings } from './issuer-settings.ts'

/** So many at once: a thousand issuers must not mean a thousand connections. */
const atOnce = 8

/** @throws KeySourceError of the only issuer; else an AggregateError with one for each that failed */
export async function warmUp(issuers: ReadonlySet<IssuerSettings>): Promise<void> {
  const waiting = issuers.values()
  const failures: unknown[] = []
  const workers = Array.from({ length: atOnce }, async () => {
    for (const { keys } of waiting) await keys.ready().catch((error: unknown) => failures.push(withHint(error)))
  })
  await Promise.all(workers)
  if (failures.length === 0) return
  if (issuers.size === 1) throw failures[0]
  throw new AggregateError(failures, `The keys of ${failures.length} of ${issuers.size} issuers could not be fetched`)
}

/** No request waits for this error: its hint may be seen where it is logged, and holds nothing of a token. */
function withHint(error: unknown): unknown {
  const shown = refused(error)
  if (isJwtGateError(shown)) Object.defineProperty(shown, 'hint', { enumerable: true })
  return shown
}
