// A decorator, a constructor or a subclass that puts another function in the place of a method takes away what was written there.
import { ConfigError } from '@jwtgate/core'
import type { Handler } from './handlers.ts'
import { marksOf, marksWritten, ourGuardsAt, type Mark } from './marks.ts'

/** @throws ConfigError naming the first decorator that was lost */
export function refuseLostProtection({ title, name, method, inherited }: Handler): void {
  const there = marksOf(method)
  const [nearest, ...overridden] = inherited
  const written = nearest === undefined ? [] : marksWritten(nearest.prototype, name)
  const isMeant = written.some(({ kind }) => kind === 'public')
  const lost =
    written.find((mark) => !there.includes(mark)) ??
    (isMeant ? undefined : overridden.flatMap(({ prototype }) => marksWritten(prototype, name)).find(isMissing(there)))
  const guards = isMeant ? [] : inherited.flatMap((place) => ourGuardsAt(place.method))
  const [guard] = ourGuardsAt(method).length > 0 ? [] : guards
  const what = lost?.written ?? (guard === undefined ? undefined : `@UseGuards(${guard.name})`)
  if (what === undefined) return
  const message =
    `${title} has lost its ${what}: another decorator, a constructor or a subclass replaced the method. ` +
    `Write ${what} above that decorator, or at the method that takes its place; @Public() if nothing is to protect it.`
  throw new ConfigError('decorator', message)
}

/** Whoever overrides a method with a decorator of the same name means to replace it. */
function isMissing(there: readonly Mark[]): (mark: Mark) => boolean {
  const names = new Set(there.map(decoratorOf))
  return (mark) => mark.kind !== 'public' && !names.has(decoratorOf(mark))
}

function decoratorOf({ written }: Mark): string {
  return written.replace(/\(.*/s, '')
}
