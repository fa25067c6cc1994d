// A lighter fetch for `remote.fetch`: the part of it that is used, over node:http, which an API has loaded anyway.
import { get } from 'node:http'
import { Readable } from 'node:stream'
import type { FetchFunction } from '@jwtgate/core'

export const fetchByNodeHttp: FetchFunction = (url, { headers, signal }) =>
  new Promise((resolve, reject) => {
    const request = get(url, { headers, signal }, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: { get: (name) => response.headers[name.toLowerCase()]?.toString() ?? null },
        body: Readable.toWeb(response),
      })
    })
    request.once('error', reject)
  })
