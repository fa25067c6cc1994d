import { packageBuild } from '../../tsdown.base.ts'

export default packageBuild(
  { index: 'src/index.ts' },
  {
    'crypto/node': 'src/crypto/node.ts',
    'channels/node': 'src/channels/node.ts',
  },
)
