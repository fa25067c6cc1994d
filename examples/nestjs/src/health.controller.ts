// The one route for everybody.
import { Public } from '@jwtgate/nestjs'
import { Controller, Get } from '@nestjs/common'

@Controller('health')
export class HealthController {
  @Get()
  @Public()
  health() {
    return { status: 'ok' }
  }
}
