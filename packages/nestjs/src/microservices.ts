// The entry for microservices: needs @nestjs/microservices.
export { RpcJwtAuthGuard } from './rpc-jwt-auth.guard.ts'
