// What the story plays on: a provider, an API that trusts it, and the tokens of everybody in the story.
import { randomBytes } from 'node:crypto'
import { createApiProcess, type ApiProcess, type Example } from './api-process.ts'
import { billingAudience, ordersAudience } from './clients.ts'
import { createProviderProcess, type ProviderProcess } from './provider-process.ts'
import { createTokenSource, type TokenSource } from './tokens.ts'

export interface Stage extends TokenSource {
  readonly provider: ProviderProcess
  readonly api: ApiProcess
  readonly clientSecret: string
  /** Good tokens from before anything happened; `brief` runs out while the story is told. */
  readonly tokens: Readonly<Record<'brief' | 'reader' | 'readerEc' | 'editor' | 'billing', string>>
  readonly close: () => Promise<void>
}

/** @param example - the API; the demo shows the one on Express */
export async function openStage(example: Example = 'express'): Promise<Stage> {
  const clientSecret = randomBytes(24).toString('base64url')
  const provider = await createProviderProcess(clientSecret)
  const closing = [provider.stop]
  const close = async (): Promise<void> => void (await Promise.all(closing.map((stop) => stop())))
  try {
    await provider.start()
    const api = createApiProcess(example, provider.issuer(), ordersAudience)
    closing.push(api.stop)
    await api.start()
    const source = createTokenSource(provider.issuer, clientSecret)
    return { ...source, provider, api, clientSecret, tokens: await firstTokens(source), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function firstTokens({ token }: TokenSource): Promise<Stage['tokens']> {
  return {
    brief: await token('brief'),
    reader: await token('reader'),
    readerEc: await token('reader-ec'),
    editor: await token('editor'),
    billing: await token('reader', billingAudience),
  }
}
