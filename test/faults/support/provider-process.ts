// The identity provider of the fault suite, in a process of its own: what it costs is not measured with the API.
import { answer, startKeyServer } from '../../support/key-server.ts'
import { answerCalls } from './calls.ts'
import { responderFor, type GoodDocument } from './fault-responders.ts'
import type { ProviderCalls } from './provider-calls.ts'

const metadataPath = '/.well-known/openid-configuration'
const server = await startKeyServer()
const { origin, jwksUri } = server
const documents = new Map<string, GoodDocument>()

function put(path: string, document: object, headers: Readonly<Record<string, string>> = {}): void {
  const good = { body: JSON.stringify(document), headers }
  documents.set(path, good)
  server.on(path, answer(good.body, headers))
}

function documentAt(path: string): GoodDocument {
  const good = documents.get(path)
  if (good === undefined) throw new Error(`nothing was ever published at ${path}`)
  return good
}

put('/jwks', { keys: [] })
put(metadataPath, { issuer: origin, jwks_uri: jwksUri })

answerCalls<ProviderCalls>({
  address: () => ({ origin, jwksUri }),
  publish: (keys, headers) => put('/jwks', { keys }, headers),
  describe: (metadata) => put(metadataPath, metadata),
  breakPath: async (path, fault) => server.on(path, await responderFor(fault, documentAt(path))),
  healPath: (path) => {
    const { body, headers } = documentAt(path)
    server.on(path, answer(body, headers))
  },
  stopListening: () => server.close(),
  listenAgain: () => server.listenAgain(),
  record: () => ({ requests: server.requests, now: server.now(), bytesSent: server.bytesSent() }),
})
