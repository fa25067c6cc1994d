// What the marks at a class and a handler come to: who may call it, and by which verifier.
import { ConfigError, type AccessAuthorizer } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { defaultVerifier } from './module-options.ts'
import { marksOf, ourGuardsAt, type GuardClass, type Mark } from './marks.ts'

/** How a handler of a class is protected. */
export interface Protection {
  readonly isPublic: boolean
  /** Whether calls without a token are let in. */
  readonly isOptional: boolean
  readonly verifierName: string
  /** All of them have to pass: those of the class, then those of the method. */
  readonly authorizers: readonly AccessAuthorizer<ExecutionContext>[]
  /** The guards of ours that are listed at the class and the method. */
  readonly guards: readonly GuardClass[]
}

const known = new WeakMap<object, WeakMap<object, Protection>>()

/** That of the handler of this call: one object for each handler of each class. @throws ConfigError as {@link protectionOf} */
export function protectionIn(context: ExecutionContext): Protection {
  return protectionOf(context.getClass(), context.getHandler())
}

/** @throws ConfigError if the marks contradict each other; the checks at start-up see it first */
export function protectionOf(hostClass: object, handler: object): Protection {
  const found = known.get(hostClass)?.get(handler)
  if (found !== undefined) return found
  const ofClass = known.get(hostClass) ?? new WeakMap<object, Protection>()
  const protection = resolve(hostClass, handler)
  known.set(hostClass, ofClass.set(handler, protection))
  return protection
}

function resolve(hostClass: object, handler: object): Protection {
  const [atClass, atMethod] = [marksOf(hostClass), marksOf(handler)]
  refuseContradictions(hostClass, handler)
  const marks = [...atClass, ...atMethod]
  return {
    isPublic: marks.some(({ kind }) => kind === 'public'),
    isOptional: marks.some(({ kind }) => kind === 'optional'),
    verifierName: marks.findLast((mark) => mark.kind === 'verifier')?.name ?? defaultVerifier,
    authorizers: marks.filter((mark) => mark.kind === 'rule').map(({ authorize }) => authorize),
    guards: [...ourGuardsAt(hostClass), ...ourGuardsAt(handler)],
  }
}

/** A method may be public though its class is guarded; nothing else can be both. */
function refuseContradictions(hostClass: object, handler: object): void {
  const isPublic = ({ kind }: Mark): boolean => kind === 'public'
  const [atClass, atMethod] = [marksOf(hostClass), marksOf(handler)]
  const classIsPublic = atClass.some(isPublic)
  if (!classIsPublic && !atMethod.some(isPublic)) return
  const ofClass = (classIsPublic ? protectionAt(hostClass) : rulesOf(atClass)).map((what) => `${what} at its class`)
  const protecting = [...ofClass, ...protectionAt(handler).map((what) => `${what} at the method`)]
  if (protecting.length === 0) return
  const message =
    `${nameOf(hostClass)}.${nameOf(handler)} is @Public()${classIsPublic ? ' by its class' : ''}, and has ` +
    `${protecting.join(', ')}. Only one can be meant; a rule of a class may move to the methods that need it.`
  throw new ConfigError('Public', message)
}

function protectionAt(place: object): readonly string[] {
  const written = marksOf(place).flatMap((mark) => (mark.kind === 'public' ? [] : [mark.written]))
  return written.length > 0 ? written : ourGuardsAt(place).map(({ name }) => `@UseGuards(${name})`)
}

function rulesOf(marks: readonly Mark[]): readonly string[] {
  return marks.filter(({ kind }) => kind === 'rule').map(({ written }) => written)
}

export function nameOf(value: object): string {
  return 'name' in value && typeof value.name === 'string' ? value.name : '(unnamed)'
}
