// Type tests: compiled with the tests, never run. Each line that must not compile says so.
import {
  allOf,
  anyOf,
  authOf,
  createJwtVerifier,
  CurrentAuth,
  CurrentClaims,
  fromBearer,
  fromCookie,
  JwtAuthGuard,
  JwtGateModule,
  JwtExceptionFilter,
  OptionalJwt,
  permission,
  Public,
  RequireAccess,
  RequirePermission,
  RequireRole,
  RequireScope,
  role,
  UseVerifier,
  type Auth,
  type AuthOf,
  type JwtGate,
  type JwtGateError,
  type JwtVerifier,
} from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { APP_FILTER, APP_GUARD } from '@nestjs/core'
import {
  Controller,
  Get,
  ParseIntPipe,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type Provider,
} from '@nestjs/common'
import { ConfigService } from '@nestjs/config'
import { z } from 'zod'

const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] } as const
const schema = z.object({ tenant: z.string(), since: z.string().transform((text) => new Date(text)) })
const other = z.object({ tenant: z.number() })
const verifier = createJwtVerifier({ ...options, claims: schema })
const plain = createJwtVerifier(options)

// Modules.
export const modules: readonly DynamicModule[] = [
  JwtGateModule.forRoot(options),
  JwtGateModule.forRoot({ ...options, claims: schema, realm: 'orders', tokenFrom: [fromBearer(), fromCookie('a')] }),
  JwtGateModule.forRoot({ ...options, isGlobal: true, guardAllRoutes: true }),
  JwtGateModule.forRoot({ verifier, guardAllRoutes: true }),
  JwtGateModule.forRoot({ verifier: { ...options, claims: schema } }),
  JwtGateModule.forRoot({ verifiers: { default: verifier, admin: options, partner: plain }, tokenFrom: fromBearer() }),
  JwtGateModule.forRootAsync({ useFactory: () => options }),
  JwtGateModule.forRootAsync({ useFactory: async () => ({ verifiers: { default: verifier, admin: options } }) }),
  JwtGateModule.forRootAsync({
    imports: [],
    inject: [ConfigService],
    useFactory: (config: ConfigService) => ({
      issuer: config.getOrThrow<string>('ISSUER'),
      audience: config.getOrThrow<string>('AUDIENCE'),
      algorithms: ['RS256'],
    }),
    isGlobal: true,
    guardAllRoutes: true,
  }),
]

export const wrongModules = (): unknown => [
  // @ts-expect-error: without options there is nothing to verify by
  JwtGateModule.forRoot(),
  // @ts-expect-error: audience is required
  JwtGateModule.forRoot({ issuer: 'https://id.example.com', algorithms: ['RS256'] }),
  // @ts-expect-error: a flag is true or false
  JwtGateModule.forRoot({ ...options, guardAllRoutes: 'yes' }),
  // @ts-expect-error: a misspelt flag would leave everything open
  JwtGateModule.forRoot({ ...options, guardAllRoute: true }),
  // @ts-expect-error: one, or several
  JwtGateModule.forRoot({ verifier, verifiers: { admin: options } }),
  // @ts-expect-error: by names
  JwtGateModule.forRoot({ verifiers: verifier }),
  // @ts-expect-error: no verifier
  JwtGateModule.forRoot({ verifiers: { default: 'https://id.example.com' } }),
  // @ts-expect-error: the factory is missing
  JwtGateModule.forRootAsync({ imports: [] }),
  // @ts-expect-error: a misspelt flag would leave everything open
  JwtGateModule.forRootAsync({ useFactory: () => options, guardAllRoute: true }),
  // @ts-expect-error: what the factory gives is no verifier and no options
  JwtGateModule.forRootAsync({ useFactory: () => ({ issuer: 'https://id.example.com' }) }),
]

// What stands at classes and methods.
@RequireScope('orders')
@RequireRole(anyOf('editor', 'admin'))
@UseVerifier('admin')
@UseGuards(JwtAuthGuard)
@Controller()
export class Orders {
  @RequirePermission('read', anyOf('a', 'b'))
  @RequireAccess(anyOf(permission('a'), allOf(role('b'), permission('c'))))
  @RequireAccess((auth, context) => auth.claims.sub === context.getHandler().name)
  @RequireAccess(
    async (auth: Auth, context: ExecutionContext) => context.getType() === 'http' && auth.scopes.length > 0,
  )
  @Get()
  read(@CurrentAuth() auth: Auth, @CurrentClaims() claims: Auth['claims'], @CurrentClaims('sub') sub: string): unknown {
    return [auth.claims.sub, claims.iss, sub]
  }

  @Get('typed')
  typed(@CurrentAuth() bySchema: AuthOf<typeof schema>, @CurrentAuth() byVerifier: AuthOf<typeof verifier>): unknown {
    const tenant: string = bySchema.claims.tenant
    const since: Date = byVerifier.claims.since
    const sub: string | undefined = bySchema.claims.sub
    const permissions: readonly string[] = byVerifier.permissions
    // @ts-expect-error: a string, says the schema
    void (bySchema.claims.tenant satisfies number)
    // @ts-expect-error: a Date, says the schema of the verifier
    void (byVerifier.claims.since satisfies string)
    // @ts-expect-error: results are shared, and frozen
    byVerifier.permissions = ['read']
    return { tenant, since, sub, permissions }
  }

  @OptionalJwt()
  @Get('optional')
  optional(@CurrentAuth() auth: Auth | undefined, @CurrentClaims('number', ParseIntPipe) number: number): unknown {
    // @ts-expect-error: an anonymous call has none
    void auth.claims
    return number
  }

  @Public()
  @Get('open')
  open(): string {
    return 'in'
  }
}

// @ts-expect-error: neither a schema nor a verifier
export type OfText = AuthOf<string>
// @ts-expect-error: the schema's type, not the schema
export type OfOutput = AuthOf<z.infer<typeof schema>>
export const ofPlain = (auth: AuthOf<typeof plain>): unknown => {
  // @ts-expect-error: this verifier has no schema
  void (auth.claims['tenant'] satisfies string)
  return auth.claims.sub
}
export const ofEither = (auth: AuthOf<typeof schema>): Auth => auth
// @ts-expect-error: claims of one schema are not those of another
export const ofOther = (auth: AuthOf<typeof schema>): AuthOf<typeof other> => auth

// Contexts.
export function readContext(context: ExecutionContext): unknown {
  const auth: Auth = authOf(context)
  const tenant: string = authOf(context, schema).claims.tenant
  const since: Date = authOf(context, verifier).claims.since
  // @ts-expect-error: a string, says the schema
  void (authOf(context, schema).claims.tenant satisfies number)
  // @ts-expect-error: without schema and verifier nothing is known of it
  void (authOf(context).claims['tenant'] satisfies string)
  // @ts-expect-error: the context, not the request
  authOf(context.switchToHttp().getRequest<{ headers: object }>())
  // @ts-expect-error: neither a schema nor a verifier
  authOf(context, 'tenant')
  return [auth, tenant, since]
}

// Guards that extend ours.
export class OwnGuard extends JwtAuthGuard {
  protected override async getToken(context: ExecutionContext): Promise<string | undefined> {
    const given = await super.getToken(context)
    return given ?? context.switchToHttp().getRequest<{ token?: string }>().token
  }
  protected override onRefused(error: JwtGateError, context: ExecutionContext): unknown {
    return error.code === 'token_expired' ? new Error(context.getType()) : super.onRefused(error, context)
  }
}
export class WrongGuard extends JwtAuthGuard {
  // @ts-expect-error: the token or undefined, nothing else
  protected override getToken(): number {
    return 7
  }
}
export const guards: readonly (new () => CanActivate)[] = [JwtAuthGuard, WsJwtAuthGuard, RpcJwtAuthGuard, OwnGuard]
export const providers: readonly Provider[] = [
  { provide: APP_GUARD, useClass: OwnGuard },
  { provide: APP_FILTER, useClass: JwtExceptionFilter },
]
export const mount = (app: INestApplication, filter: ExceptionFilter = new JwtExceptionFilter()): unknown =>
  app.useGlobalFilters(filter)
export const health = (gate: JwtGate): readonly [JwtVerifier, object] => [
  gate.verifier(),
  gate.verifier('admin').status(),
]

export const wrongDecorators = (): unknown => [
  // @ts-expect-error: a rule over nothing would let everything through
  RequirePermission(),
  // @ts-expect-error: a name is text
  RequireRole(7),
  // @ts-expect-error: which kind is a bare name here?
  RequireAccess(anyOf('read')),
  // @ts-expect-error: true or false, not a subject
  RequireAccess((auth) => auth.claims.sub),
  // @ts-expect-error: the context of NestJS, not a text
  RequireAccess((_auth, context: string) => context === ''),
  // @ts-expect-error: one rule or one function
  RequireAccess(permission('a'), permission('b')),
  // @ts-expect-error: which verifier?
  UseVerifier(),
  // @ts-expect-error: it stands at a method or a class, and takes nothing
  Public('reason'),
  // @ts-expect-error: a claim has a name
  CurrentClaims(7),
]

export class Forgotten {
  // @ts-expect-error: the parentheses are missing
  @Public
  open(): void {}
  // @ts-expect-error: the parentheses are missing
  @RequirePermission
  closed(): void {}
}
