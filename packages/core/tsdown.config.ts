import { packageBuild } from '../../tsdown.base.ts'

export default packageBuild(
  { index: 'src/index.ts' },
  { 'crypto/node': 'src/crypto/node.ts', 'channels/node': 'src/channels/node.ts' },
  // jose is an ES module, and a runtime without node:crypto has no require() either.
  { 'crypto/jose': 'src/crypto/jose.ts', 'channels/none': 'src/channels/none.ts' },
)
