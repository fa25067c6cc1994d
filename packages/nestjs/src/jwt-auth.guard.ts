// JwtAuthGuard: authenticates a call once, then judges all rules of its class and method.
import {
  isJwtGateError,
  type Auth,
  type Authenticator,
  type JwtGateError,
  type RequestLike,
  type TokenFinder,
} from '@jwtgate/core'
import {
  Inject,
  Injectable,
  Optional,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
} from '@nestjs/common'
import { ModulesContainer } from '@nestjs/core'
import { missingHintOf, tokenOfCall } from './carriers.ts'
import { JwtGate } from './jwt-gate.ts'
import { brandGuard } from './marks.ts'
import { withoutModule } from './module-check.ts'
import { oncePerOperation } from './operations.ts'
import { isResponse, setHeaders } from './platform-response.ts'
import { protectionIn, type Protection } from './protection.ts'
import { exceptionOf } from './refusals.ts'
import { rememberSubject, requestOf } from './subjects.ts'

@Injectable()
/**
 * Lets only calls with a good token through, over HTTP and GraphQL; `@RequirePermission()` and its kin bring it with them.
 * What it refuses becomes an `HttpException` with the refusal as its `cause`. Of a call of another kind it does not know the
 * token: it refuses it.
 *
 * Listed several times, it works once. Where a subclass is listed at the class or the method, that one does the work.
 *
 * @example @UseGuards(JwtAuthGuard)
 */
export class JwtAuthGuard implements CanActivate, OnModuleInit {
  /** The verifiers, and where tokens are. */
  @Inject(JwtGate)
  @Optional() // So that onModuleInit() says what to write.
  readonly gate!: JwtGate

  @Inject(ModulesContainer)
  private readonly modules?: ModulesContainer

  /** Checks at start-up that there are verifiers. @throws ConfigError if JwtGateModule cannot be reached from here */
  onModuleInit(): void {
    this.refuseWithoutModule()
  }

  /** Lets the call pass, with `true`, or throws: that says more than `false`. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    this.refuseWithoutModule()
    const protection = protectionIn(context)
    if (protection.isPublic || this.isLeftToSubclass(protection) || this.hasPassed(context)) return true
    try {
      await this.admit(context, protection)
    } catch (error) {
      throw await this.refusalOf(error, context)
    }
    const others = passedBy.get(context)
    if (others === undefined) passedBy.set(context, [this])
    else others.push(this)
    return true
  }

  /**
   * Where the token of a call is. Override it for calls that carry it elsewhere.
   *
   * @returns the token, or `undefined` if there is none; a promise of it, if need be
   * @throws InvalidRequestError (400) if the credentials are malformed, or more than one set of them
   */
  protected getToken(context: ExecutionContext): string | undefined | Promise<string | undefined> {
    return tokenOfCall(context, this.gate.tokenFrom)
  }

  /**
   * Called for each refusal: to log it, or to throw something of the application. It cannot let the call pass.
   *
   * @returns what is thrown in place of the default exception; `undefined` leaves that one. A promise of it, if need be.
   */
  protected onRefused(_error: JwtGateError, _context: ExecutionContext): unknown {
    return undefined
  }

  /** The default exception, for subclasses that stand for another kind of calls. */
  protected toException(error: JwtGateError, context: ExecutionContext): unknown {
    return exceptionOf(error, context)
  }

  private refuseWithoutModule(): void {
    const gate: JwtGate | undefined = this.gate // As it is where nobody provides it, or nobody injected it.
    if (gate === undefined) throw withoutModule(this, this.modules)
  }

  /** It is listed, so it runs. */
  private isLeftToSubclass({ guards }: Protection): boolean {
    return guards.some((listed) => listed.prototype instanceof this.constructor)
  }

  private hasPassed(context: ExecutionContext): boolean {
    const others = passedBy.get(context)
    return others?.some((guard) => guard.gate === this.gate && guard instanceof this.constructor) === true
  }

  private async admit(context: ExecutionContext, protection: Protection): Promise<void> {
    const { isOptional, verifierName, authorizers } = protection
    const authenticate = this.gate.authenticator(verifierName, isOptional ? 'allowed' : 'refused')
    const request = requestOf(context)
    if (request !== undefined) attach(await authenticate(request, this.ownTokenFinder(context)), context)
    const subject = request ?? (await this.authenticatedCall(context, authenticate))
    for (const authorize of authorizers) await authorize(subject, context)
  }

  /** What the sender of a call is remembered on that has no request. */
  private async authenticatedCall(context: ExecutionContext, authenticate: Authenticator): Promise<RequestLike> {
    const run = async (): Promise<RequestLike> => {
      const subject = { headers: {} }
      await authenticate(subject, () => this.getToken(context), missingHintOf(context))
      return subject
    }
    const subject = await (this.ownTokenFinder(context) === undefined
      ? oncePerOperation(context, authenticate, run)
      : run())
    rememberSubject(context, subject)
    return subject
  }

  /** Where a subclass says where tokens are. */
  private ownTokenFinder(context: ExecutionContext): TokenFinder | undefined {
    return this.getToken === JwtAuthGuard.prototype.getToken ? undefined : () => this.getToken(context)
  }

  private async refusalOf(error: unknown, context: ExecutionContext): Promise<unknown> {
    if (!isJwtGateError(error)) return error
    const response: unknown = context.switchToHttp().getResponse()
    if (context.getType() === 'http' && isResponse(response)) setHeaders(response, error.headers)
    const own = await this.onRefused(error, context)
    if (own === undefined) return this.toException(error, context)
    return typeof own === 'object' && own !== null
      ? own
      : new TypeError('onRefused() must give an exception or nothing')
  }
}

brandGuard(JwtAuthGuard, 'request')

/**
 * Where everybody looks first. Rules and decorators read their own, which no other library overwrites. Where the application
 * has an accessor of this name, it keeps it.
 */
function attach(auth: Auth | undefined, context: ExecutionContext): void {
  const attached = { value: auth, writable: true, enumerable: true, configurable: true }
  Reflect.defineProperty(context.switchToHttp().getRequest<object>(), 'auth', attached)
}

/** The guards that let a call pass: of those that are listed for it, each after the other is given the same context. */
const passedBy = new WeakMap<ExecutionContext, JwtAuthGuard[]>()
