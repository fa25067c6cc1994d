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
import { protectionIn } from './protection.ts'

/**
 * Stands before every handler and, where no guard of ours is listed, asks the {@link JwtAuthGuard} of its module. That one is
 * an enhancer, as everywhere else, and no provider: only so, a test that overrides the guard overrides this one as well.
 */
@Injectable()
@UseGuards(JwtAuthGuard) // Makes NestJS create one here.
export class GuardOfAll implements CanActivate, OnModuleInit {
  @Inject(ModulesContainer)
  private readonly modules!: ModulesContainer

  private guard: CanActivate | undefined

  onModuleInit(): void {
    const own = [...this.modules.values()].find(({ providers }) => providers.get(GuardOfAll)?.instance === this)
    // NestJS keeps what it made without its type: under this token it is a guard.
    this.guard = own?.injectables.get(JwtAuthGuard)?.instance as CanActivate | undefined
  }

  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    // A guard that is listed does all of it, by the verifiers of its own module.
    if (protectionIn(context).guards.length > 0) return true
    if (this.guard === undefined) throw new Error('The application has not been initialised: await app.init()')
    return this.guard.canActivate(context)
  }
}
