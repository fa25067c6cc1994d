// Lines to copy and paste while the provider and the API are up.
import { ordersAudience } from './clients.ts'
import { unsigned } from './forge.ts'
import type { Stage } from './stage.ts'

export async function curlLines({ api, provider, token, clientSecret }: Stage): Promise<string> {
  const [reader, editor] = await Promise.all([token('reader'), token('editor')])
  const orders = `${api.url()}/orders`
  const newToken = `-d grant_type=client_credentials -d resource=${ordersAudience} ${provider.issuer()}/token`
  const lines: readonly (readonly [promise: string, command: string])[] = [
    ['200, public', `curl -i ${api.url()}/health`],
    ['401 token_missing', `curl -i ${orders}`],
    ['200', `curl -i ${bearer(reader)} ${orders}`],
    ['403 permission_denied', `curl -i -X DELETE ${bearer(reader)} ${orders}/7`],
    ['204', `curl -i -X DELETE ${bearer(editor)} ${orders}/7`],
    ['401 algorithm_not_allowed', `curl -i ${bearer(unsigned(reader))} ${orders}`],
    ['400 multiple_tokens', `curl -i ${bearer(reader)} ${bearer(editor)} ${orders}`],
    ['a token of your own', `curl -s -u reader:${clientSecret} ${newToken}`],
  ]
  const commands = lines.map(([promise, command]) => `# ${promise}\n${command}`)
  const forYourOwn = `# for an API of your own\nexport ISSUER=${provider.issuer()} TOKEN=${reader}`
  return [...commands, forYourOwn].join('\n\n')
}

function bearer(token: string): string {
  return `-H 'Authorization: Bearer ${token}'`
}
