// Core twice in one process: on node:crypto as a program imports it, and bundled on jose as a worker would have it.
import { join } from 'node:path'
import { createJwtVerifier } from '@jwtgate/core'
import { rolldown } from 'rolldown'

export interface Engine {
  readonly name: string
  readonly createJwtVerifier: typeof createJwtVerifier
}

export async function bothEngines(): Promise<readonly [node: Engine, jose: Engine]> {
  return [
    { name: 'node:crypto', createJwtVerifier },
    { name: 'jose', ...(await coreOnJose()) },
  ]
}

async function coreOnJose(): Promise<Pick<Engine, 'createJwtVerifier'>> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, '../../packages/core/src/index.ts'),
    platform: 'neutral',
    resolve: { conditionNames: ['import', 'module', 'jwtgate-source'] },
  })
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
  await bundle.close()
  const [{ code }] = output
  // What the bundle exports is what index.ts says; the compiler cannot know it of text.
  return import(`data:text/javascript,${encodeURIComponent(code)}`) as Promise<Pick<Engine, 'createJwtVerifier'>>
}
