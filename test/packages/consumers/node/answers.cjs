// Asks an API over HTTP.
const events = require('node:events')
const { createServer } = require('node:http')

/** What a good token gets, one that grants too little, a bad one, and none. */
exports.answers = async (issuer, handler) => {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await events.once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  const found = []
  for (const token of [issuer.sign({ permissions: ['read'] }), issuer.sign(), issuer.bad.wrongAudience(), undefined]) {
    const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    const { sub, code } = await response.json()
    found.push(`${response.status} ${sub ?? code}`)
  }
  server.closeAllConnections()
  await new Promise((resolve) => void server.close(resolve))
  return found
}
