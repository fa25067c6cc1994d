// Our guard where an application puts it itself: before all routes by APP_GUARD or useGlobalGuards(), and as an instance.
import {
  createJwtVerifier,
  CurrentAuth,
  JwtAuthGuard,
  JwtGateModule,
  Public,
  RequirePermission,
  type Auth,
} from '@jwtgate/nestjs'
import { Controller, Get, Inject, Injectable, Scope, UseGuards, type ExecutionContext, type Type } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { issuerOfThisFile, platforms, start, type Running, type StartOptions } from './application.ts'
import { ordersWith } from './classes.ts'

const issuer = await issuerOfThisFile()
const token = issuer.sign({ permissions: ['read'] })

@Controller()
class Orders {
  @Get('bare')
  bare(@CurrentAuth() auth: Auth): string {
    return auth.claims.sub ?? ''
  }
  @RequirePermission('read')
  @Get('rule')
  rule(): string {
    return 'in'
  }
  @Public()
  @Get('open')
  open(): string {
    return 'in'
  }
}

@Injectable()
class FromHeader extends JwtAuthGuard {
  protected override getToken(context: ExecutionContext): string | undefined {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
    return headers['x-token']
  }
}

function counted(): { readonly verifier: ReturnType<typeof createJwtVerifier>; readonly verified: readonly string[] } {
  const verified: string[] = []
  const inner = createJwtVerifier(issuer.options)
  const verify: typeof inner.verify = (given) => {
    verified.push(given)
    return inner.verify(given)
  }
  return { verifier: { ...inner, verify }, verified }
}

describe.each(platforms)('on $name', (platform) => {
  describe.each<readonly [string, readonly object[], StartOptions['configure']]>([
    ['APP_GUARD with useClass', [{ provide: APP_GUARD, useClass: JwtAuthGuard }], undefined],
    ['APP_GUARD with useExisting', [{ provide: APP_GUARD, useExisting: JwtAuthGuard }], undefined],
    ['useGlobalGuards()', [], (app) => app.useGlobalGuards(app.get(JwtAuthGuard))],
  ])('our guard by %s', (_how, providers, configure) => {
    const serve = (verifier = createJwtVerifier(issuer.options)): Promise<Running> =>
      start(
        {
          imports: [JwtGateModule.forRoot({ verifier })],
          controllers: [Orders],
          providers: providers as { provide: string; useClass: Type }[],
        },
        { platform, ...(configure === undefined ? {} : { configure }) },
      )

    it('guards every route that is not public, and judges rules', async () => {
      const { ask } = await serve()
      expect((await ask('/bare')).status).toBe(401)
      expect((await ask('/bare', { token })).text).toBe('alice')
      expect((await ask('/rule', { token: issuer.sign() })).status).toBe(403)
      expect((await ask('/rule', { token })).status).toBe(200)
      expect((await ask('/open')).status).toBe(200)
    })

    it('verifies once', async () => {
      const { verifier, verified } = counted()
      const { ask } = await serve(verifier)
      await ask('/rule', { token })
      expect(verified).toEqual([token])
    })
  })

  describe('one that extends ours, before all routes', () => {
    it('does the work for rules too, once', async () => {
      const { verifier, verified } = counted()
      const { ask } = await start(
        {
          imports: [JwtGateModule.forRoot({ verifier })],
          controllers: [Orders],
          providers: [{ provide: APP_GUARD, useClass: FromHeader }],
        },
        { platform },
      )
      for (const path of ['/bare', '/rule']) {
        expect((await ask(path)).status).toBe(401)
        expect((await ask(path, { token })).status).toBe(401)
      }
      expect(verified).toEqual([])
      expect((await ask('/rule', { headers: { 'x-token': token } })).status).toBe(200)
      expect(verified).toEqual([token])
      expect((await ask('/rule', { headers: { 'x-token': issuer.sign() } })).status).toBe(403)
      expect((await ask('/open')).status).toBe(200)
    })
  })

  it.each([
    ['once', Scope.DEFAULT],
    ['for each request', Scope.REQUEST],
    ['for each place', Scope.TRANSIENT],
  ])('one that extends ours and needs services of the application may be made %s', async (_how, scope) => {
    @Injectable({ scope })
    class Sessions {
      tokenOf(session: string | undefined): string | undefined {
        return session === 'of alice' ? token : undefined
      }
    }
    @Injectable({ scope })
    class FromSession extends JwtAuthGuard {
      readonly #sessions: Sessions
      constructor(@Inject(Sessions) sessions: Sessions) {
        super()
        this.#sessions = sessions
      }
      protected override getToken(context: ExecutionContext): string | undefined {
        const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
        return this.#sessions.tokenOf(headers['x-session'])
      }
    }
    const { verifier, verified } = counted()
    const { ask } = await start(
      {
        imports: [JwtGateModule.forRoot({ verifier, guardAllRoutes: true })],
        controllers: [ordersWith({ onClass: [UseGuards(FromSession)], onMethod: [RequirePermission('read')] })],
        providers: [Sessions],
      },
      { platform },
    )
    expect((await ask('/orders', { token })).status).toBe(401)
    expect((await ask('/orders', { headers: { 'x-session': 'of alice' } })).status).toBe(200)
    expect(verified).toEqual([token])
  })

  it.each<readonly [string, () => object]>([
    ['ours', () => new JwtAuthGuard()],
    ['one that extends ours', () => new FromHeader()],
  ])('an instance of %s, which got no gate, lets nobody in', async (_what, create) => {
    const guard = create() as JwtAuthGuard
    const statusOf = async (controller: Type, configure?: StartOptions['configure']): Promise<number> => {
      try {
        const { ask } = await start(
          { imports: [JwtGateModule.forRoot(issuer.options)], controllers: [controller] },
          { platform, ...(configure === undefined ? {} : { configure }) },
        )
        return (await ask('/orders', { token, headers: { 'x-token': token } })).status
      } catch {
        return 0
      }
    }
    expect(await statusOf(ordersWith({ onMethod: [UseGuards(guard)] }))).not.toBe(200)
    expect(await statusOf(ordersWith({ onMethod: [UseGuards(guard), RequirePermission('read')] }))).not.toBe(200)
    expect(await statusOf(ordersWith({}), (app) => app.useGlobalGuards(guard))).not.toBe(200)
  })
})
