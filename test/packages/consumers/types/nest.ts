// A NestJS API. Compiled as an ES module and as CommonJS, never run.
import {
  CurrentAuth,
  CurrentClaims,
  JwtAuthGuard,
  JwtExceptionFilter,
  JwtGate,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequireAccess,
  RequirePermission,
  UseVerifier,
  type Auth,
} from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { Controller, Get, Injectable, Module, UseFilters, UseGuards, type ExecutionContext } from '@nestjs/common'

@Injectable()
export class GuardOfBodies extends JwtAuthGuard {
  protected override getToken(context: ExecutionContext): string | undefined {
    return context.switchToHttp().getRequest<{ readonly body: { readonly token?: string } }>().body.token
  }
}

@Controller()
@UseGuards(GuardOfBodies)
@UseFilters(JwtExceptionFilter)
export class ApiController {
  constructor(private readonly gate: JwtGate) {}

  @Get()
  @RequirePermission('read')
  @RequireAccess((auth, context) => auth.claims.sub === context.getHandler().name)
  async read(@CurrentAuth() auth: Auth, @CurrentClaims('sub') sub: string): Promise<unknown> {
    // @ts-expect-error: not any, so the declarations were found
    const number: number = auth.claims.sub
    await this.gate.verifier('admin').ready()
    return { number, sub }
  }

  @Get('health')
  @Public()
  health(): object {
    return this.gate.verifier().status()
  }

  @Get('optional')
  @OptionalJwt()
  @UseVerifier('admin')
  optional(@CurrentAuth() auth: Auth | undefined): string | undefined {
    return auth?.claims.sub
  }
}

@UseGuards(WsJwtAuthGuard, RpcJwtAuthGuard)
export class Messages {}

const options = { issuer: 'https://id.example.com', audience: null, algorithms: ['RS256'] } as const

@Module({
  imports: [
    JwtGateModule.forRoot({ verifiers: { default: options, admin: options }, guardAllRoutes: true }),
    JwtGateModule.forRootAsync({ useFactory: async () => options }),
    // @ts-expect-error: a misspelt option
    JwtGateModule.forRoot({ ...options, isuer: 'https://id.example.com' }),
  ],
  controllers: [ApiController],
})
export class ApiModule {}
