// @RequirePermission() and its kin: may the sender of this call do this?
import {
  createAccessAuthorizer,
  createAuthorizer,
  type AccessAuthorizer,
  type AccessPredicate,
  type AccessRule,
  type AccessRules,
} from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { marking, type ClassOrMethodDecorator } from './marking.ts'

/**
 * Lets a call through whose token has all of these permissions; else 403 (`permission_denied`). At a class it holds for all
 * methods; what stands at the class and the method, once or several times, all has to hold. Brings `JwtAuthGuard` with it.
 *
 * @param rules - names, or `anyOf('write', 'admin')` for one of them
 * @throws ConfigError at once, for no name or one with characters that a scope cannot have (RFC 6749 section 3.3)
 * @example @Delete(':id') @RequirePermission('orders:delete')
 */
export function RequirePermission(...rules: AccessRules): ClassOrMethodDecorator {
  return rule('@RequirePermission', rules, createAuthorizer('permission', rules))
}

/** The same for scopes (RFC 6749 section 3.3); the challenge of a 403 names them (RFC 6750 section 3.1). */
export function RequireScope(...rules: AccessRules): ClassOrMethodDecorator {
  return rule('@RequireScope', rules, createAuthorizer('scope', rules))
}

/** The same for roles. */
export function RequireRole(...rules: AccessRules): ClassOrMethodDecorator {
  return rule('@RequireRole', rules, createAuthorizer('role', rules))
}

/**
 * The same for a rule of several kinds, or for a function of the token and the call: `true` allows, anything else does not,
 * and what it throws is thrown.
 *
 * @example @RequireAccess(anyOf(permission('report:read'), role('auditor')))
 * @example @RequireAccess((auth, context) => auth.claims.sub === context.switchToHttp().getRequest().params.id)
 */
export function RequireAccess(
  ruleOrPredicate: AccessRule | AccessPredicate<ExecutionContext>,
  ...more: readonly never[]
): ClassOrMethodDecorator {
  return rule('@RequireAccess', [ruleOrPredicate], createAccessAuthorizer(ruleOrPredicate, ...more))
}

function rule(
  name: string,
  rules: readonly unknown[],
  authorize: AccessAuthorizer<ExecutionContext>,
): ClassOrMethodDecorator {
  const given = rules.map((one) => (typeof one === 'string' ? `'${one}'` : '…')).join(', ')
  return marking({ kind: 'rule', written: `${name}(${given})`, authorize })
}
