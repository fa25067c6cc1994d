// What GraphQLModule was told, where it decides who is guarded, and as whom.
import { ConfigError } from '@jwtgate/core'
import type { ModulesContainer } from '@nestjs/core'
import { member } from './carriers.ts'

/** Whether guards run for fields: of several GraphQL modules, in each. */
export function areFieldsGuarded(modules: ModulesContainer): boolean {
  return optionsIn(modules).every((options) => {
    const enhancers = member(options, 'fieldResolverEnhancers')
    return Array.isArray(enhancers) && enhancers.includes('guards')
  })
}

/**
 * A context that is an object: @nestjs/apollo 13 puts the first request into it, and hands it to all that follow, so that everybody
 * would be the first sender. Later versions copy it.
 *
 * @throws ConfigError if that is what the driver does
 */
export async function refuseSharedContext(modules: ModulesContainer): Promise<void> {
  for (const { providers } of modules.values()) {
    if (typeof member(providers.get(optionsToken)?.instance, 'context') !== 'object') continue
    for (const { instance } of providers.values()) {
      if (await sharesContexts(instance)) throw new ConfigError('context', sharedContext)
    }
  }
}

const sharedContext =
  'context of GraphQLModule is an object, which this version of @nestjs/apollo makes the context of all requests, with the ' +
  'first of them in it: everybody would be its sender. Write a function: context: () => ({ … }).'

/** Tried on a context of our own: whether a driver gives the second request that of the first. */
async function sharesContexts(driver: unknown): Promise<boolean> {
  const wrap = member(driver, 'wrapContextResolver')
  if (typeof wrap !== 'function') return false
  const options: { context: unknown } = { context: {} }
  Reflect.apply(wrap, driver, [options])
  const { context } = options
  if (typeof context !== 'function') return false
  const requests = [{}, {}]
  const seen: unknown[] = []
  for (const req of requests) seen.push(member(await context({ req }), 'req'))
  return seen.some((req, index) => req !== requests[index])
}

/** Of @nestjs/graphql. */
const optionsToken = 'GqlModuleOptions'

function optionsIn(modules: ModulesContainer): readonly unknown[] {
  return [...modules.values()].flatMap(({ providers }) => {
    const { instance } = providers.get(optionsToken) ?? {}
    return instance === undefined ? [] : [instance as unknown]
  })
}
