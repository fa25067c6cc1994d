// The route on NestJS with Express below: bare, and guarded by each library. Decorators are called as functions, for Node runs
// this file as it is and does not know their syntax.
import 'reflect-metadata'
import { JwtAuthGuard, JwtGateModule } from '@jwtgate/nestjs'
import {
  Controller,
  Get,
  Inject,
  Module,
  Req,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { ExpressAdapter } from '@nestjs/platform-express'
import type { Request } from 'express'
import { nobody, type Start } from './settings.ts'
import { signatureCheck } from './signature-only.ts'

type Guarded = Request & {
  readonly auth?: { readonly claims: { readonly sub?: string } }
  user?: { readonly sub: string }
}

export const bare: Start = () => start({}, undefined, () => nobody)

export const signatureOnly: Start = ({ publicKey }) => {
  const check = signatureCheck(publicKey)
  class Guard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      check(context.switchToHttp().getRequest<Guarded>().headers.authorization)
      return true
    }
  }
  return start({}, Guard, () => nobody)
}

export const jwtgate: Start = ({ issuer, audience, jwksUri }) => {
  const gate = JwtGateModule.forRoot({ issuer, audience, jwksUri, algorithms: ['RS256'], isGlobal: true })
  return start({ imports: [gate] }, JwtAuthGuard, ({ auth }) => auth?.claims.sub)
}

export const nestjsJwt: Start = ({ issuer, audience, publicKey }) => {
  const jwt = JwtModule.register({ publicKey, verifyOptions: { issuer, audience, algorithms: ['RS256'] } })
  return start({ imports: [jwt] }, ServiceGuard, ({ user }) => user?.sub)
}

/** As the documentation of NestJS has it. */
class ServiceGuard implements CanActivate {
  readonly #jwt: JwtService

  constructor(jwt: JwtService) {
    this.#jwt = jwt
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Guarded>()
    const [type, token] = request.headers.authorization?.split(' ') ?? []
    if (type !== 'Bearer' || token === undefined) throw new UnauthorizedException()
    try {
      request.user = await this.#jwt.verifyAsync(token)
    } catch {
      throw new UnauthorizedException()
    }
    return true
  }
}
Inject(JwtService)(ServiceGuard, undefined, 0)

async function start(
  metadata: ModuleMetadata,
  guard: Type<CanActivate> | undefined,
  subjectOf: (req: Guarded) => string | undefined,
): Promise<string> {
  class Orders {
    list(req: Guarded): object {
      return { sub: subjectOf(req) }
    }
  }
  const list = Object.getOwnPropertyDescriptor(Orders.prototype, 'list') ?? {}
  Controller('orders')(Orders)
  Get()(Orders.prototype, 'list', list)
  Req()(Orders.prototype, 'list', 0)
  if (guard !== undefined) UseGuards(guard)(Orders.prototype, 'list', list)

  // oxlint-disable-next-line typescript/no-extraneous-class -- what NestJS takes for a module
  class Application {}
  Module({ ...metadata, controllers: [Orders] })(Application)
  const app = await NestFactory.create(Application, new ExpressAdapter(), { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  return app.getUrl()
}
