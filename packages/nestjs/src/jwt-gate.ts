// JwtGate: the verifiers of a module, by name. What the guards ask.
import {
  ConfigError,
  createAuthenticator,
  createJwtVerifier,
  isVerifier,
  type AuthenticationOptions,
  type Authenticator,
  type JwtVerifier,
  type JwtVerifierOptions,
  type TokenSource,
} from '@jwtgate/core'
import { defaultVerifier, partsOf, type JwtGateOptions } from './module-options.ts'

interface Door {
  readonly verifier: JwtVerifier
  readonly required: Authenticator
  readonly optional: Authenticator
}

/**
 * What `JwtGateModule` provides. Inject it to reach a verifier, for instance for a health endpoint.
 *
 * @example
 * constructor(private readonly gate: JwtGate) {}
 *
 * @Get('health') @Public()
 * health() { return this.gate.verifier().status() }
 */
export class JwtGate {
  readonly #doors: ReadonlyMap<string, Door>
  /** Where tokens are, as the module was told. */
  readonly tokenFrom: TokenSource

  /**
   * Made by the module. By hand for a test that keeps an application's modules and gives them another issuer.
   *
   * @throws ConfigError as `JwtGateModule.forRoot()`
   * @example Test.createTestingModule({ imports: [AppModule] }).overrideProvider(JwtGate).useValue(new JwtGate(issuer.options))
   */
  constructor(options: JwtGateOptions) {
    const { verifiers, authentication, tokenFrom } = partsOf(options)
    this.#doors = new Map([...verifiers].map(([name, given]) => [name, doorOf(given, authentication)]))
    this.tokenFrom = tokenFrom
  }

  /**
   * The verifier of this name.
   *
   * @param name - as in the option `verifiers`. Default `default`: also the name where there is only one.
   * @throws ConfigError if there is none
   */
  verifier(name: string = defaultVerifier): JwtVerifier {
    return this.#door(name).verifier
  }

  /** What authenticates with the verifier of this name. @throws ConfigError if there is none */
  authenticator(name: string, anonymous: 'refused' | 'allowed'): Authenticator {
    const { required, optional } = this.#door(name)
    return anonymous === 'allowed' ? optional : required
  }

  #door(name: string): Door {
    const door = this.#doors.get(name)
    if (door !== undefined) return door
    const names = [...this.#doors.keys()].map((known) => `'${known}'`).join(', ')
    const remedy =
      name === defaultVerifier
        ? "name one of them 'default', or say which one by @UseVerifier()"
        : 'write one of these in @UseVerifier()'
    throw new ConfigError('verifiers', `There is no verifier '${name}'. JwtGateModule has ${names}: ${remedy}.`)
  }
}

function doorOf(given: JwtVerifier | JwtVerifierOptions, authentication: AuthenticationOptions): Door {
  // Options become a verifier once, so that both ways in share its keys.
  const verifier = isVerifier(given) ? given : createJwtVerifier(given)
  return {
    verifier,
    required: createAuthenticator(verifier, authentication, 'refused'),
    optional: createAuthenticator(verifier, authentication, 'allowed'),
  }
}
