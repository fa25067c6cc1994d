// What most rows need: a provider, an API that trusts it, and a client, gone with the test.
import { expect, onTestFinished, vi } from 'vitest'
import { issuerOptions, startApi, type Api, type ApiIssuer } from './api.ts'
import { createClient, type Client } from './client.ts'
import { startProvider, type Provider } from './provider.ts'
import type { IssuerKey } from './tokens.ts'

// A row starts two processes, also where a slow machine runs other files beside it.
vi.setConfig({ testTimeout: 30_000 })

export interface Stage {
  readonly provider: Provider
  readonly api: Api
  readonly client: Client
}

export interface StageOptions {
  /** What the provider publishes at first. */
  readonly keys?: readonly IssuerKey[]
  /** The API finds the key set by itself. Default: it is given `jwksUri`. */
  readonly discovery?: boolean
  /** Laid over the API's options. */
  readonly options?: Partial<ApiIssuer>
  /** The clock of cache ages stands still but for `api.advance()`. Default: it runs. */
  readonly manualClock?: boolean
}

/** When the test is over everything ends, and an unhandled rejection, an uncaught exception or a warning in the API fails it. */
export async function openStage(setting: StageOptions = {}): Promise<Stage> {
  const { keys = [], discovery = false, options = {}, manualClock = false } = setting
  const provider = await openProvider(keys)
  const issuer = issuerOptions(provider.origin, discovery ? undefined : provider.jwksUri, options)
  const api = await openApi(issuer, manualClock)
  const client = openClient(api)
  return { provider, api, client }
}

async function openApi(issuer: ApiIssuer, manualClock: boolean): Promise<Api> {
  const api = await startApi({ issuer, manualClock })
  onTestFinished(async () => {
    const complaints = api.hasEnded() ? [] : await api.complaints()
    await api.stop()
    expect(complaints).toEqual([])
  })
  return api
}

function openClient(api: Api): Client {
  const client = createClient(api.origin)
  onTestFinished(() => client.close())
  return client
}

/** A second provider, trusted at the API's route `/beside`: what has no fault, to compare. */
export async function openBeside(api: Api, keys: readonly IssuerKey[]): Promise<Provider> {
  const provider = await openProvider(keys)
  await api.addRoutes([{ path: '/beside', issuers: issuerOptions(provider.origin, provider.jwksUri) }])
  return provider
}

/** One that nobody was told of yet, gone with the test. */
export async function openProvider(keys: readonly IssuerKey[] = []): Promise<Provider> {
  const provider = await startProvider(keys.map(({ jwk }) => jwk))
  onTestFinished(() => provider.close())
  return provider
}
