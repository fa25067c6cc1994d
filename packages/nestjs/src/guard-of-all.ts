// The guard of `guardAllRoutes`.
import {
  Inject,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
} from '@nestjs/common'
import { ModulesContainer } from '@nestjs/core'
import { JwtAuthGuard } from './jwt-auth.guard.ts'

/**
 * Stands before every handler and asks the {@link JwtAuthGuard} of its module. That one is an enhancer, as everywhere else, and
 * no provider: only so, a test that overrides the guard overrides this one as well.
 */
@Injectable()
@UseGuards(JwtAuthGuard) // Makes NestJS create one here.
export class GuardOfAll implements CanActivate, OnModuleInit {
  @Inject(ModulesContainer)
  private readonly modules!: ModulesContainer

  private guard: CanActivate | undefined

  onModuleInit(): void {
    const own = [...this.modules.values()].find(({ providers }) => providers.get(GuardOfAll)?.instance === this)
    this.guard = own?.injectables.get(JwtAuthGuard)?.instance as CanActivate | undefined
  }

  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    if (this.guard === undefined) throw new Error('The application has not been initialised: await app.init()')
    return this.guard.canActivate(context)
  }
}
