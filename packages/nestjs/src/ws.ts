// The entry for gateways: needs @nestjs/websockets.
export { WsJwtAuthGuard } from './ws-jwt-auth.guard.ts'
