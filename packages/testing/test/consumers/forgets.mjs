// A program of a user, on the built package: never closes its issuers, one of which has an open connection.
import { once } from 'node:events'
import { connect } from 'node:net'
import { createTestIssuer } from '@jwtgate/testing'

const issuer = await createTestIssuer()
await (await fetch(issuer.jwksUri)).json()
console.log(issuer.fetches.jwks)

const failing = await createTestIssuer({ algorithms: ['ES256'] })
await failing.outage('refuse')
await failing.recover()
const socket = connect(Number(new URL(failing.url).port), '127.0.0.1')
await once(socket, 'connect')
socket.unref()
