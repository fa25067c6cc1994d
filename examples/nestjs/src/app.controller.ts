// Routes without a rule: for everybody, and for whoever has a good token.
import { CurrentClaims, Public } from '@jwtgate/nestjs'
import { Controller, Get } from '@nestjs/common'

@Controller()
export class AppController {
  @Get('health')
  @Public()
  health() {
    return { status: 'ok' }
  }

  @Get('me')
  me(@CurrentClaims('sub') sub: string) {
    return { sub }
  }
}
