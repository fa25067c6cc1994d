export { JwtGateError } from '@jwtgate/core'
