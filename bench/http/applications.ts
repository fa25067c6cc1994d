// The applications of the HTTP section: on each framework one that is bare, and the same route guarded by each library.
import type { Start } from './settings.ts'

export interface Framework {
  readonly name: string
  readonly package: string
  /** The first one is bare, the second one is no library. */
  readonly applications: readonly (readonly [name: string, title: string])[]
}

export const frameworks: readonly Framework[] = [
  {
    name: 'Express',
    package: 'express',
    applications: [
      ['bare', 'bare'],
      ['signatureOnly', 'crypto.verify alone'],
      ['jwtgate', '@jwtgate/express'],
      ['oauth2JwtBearer', 'express-oauth2-jwt-bearer'],
      ['expressJwt', 'express-jwt + jwks-rsa'],
    ],
  },
  {
    name: 'Koa',
    package: 'koa',
    applications: [
      ['bare', 'bare'],
      ['signatureOnly', 'crypto.verify alone'],
      ['jwtgate', '@jwtgate/koa'],
      ['koaJwtWithJwksRsa', 'koa-jwt + jwks-rsa'],
    ],
  },
  {
    name: 'NestJS',
    package: '@nestjs/core',
    applications: [
      ['bare', 'bare'],
      ['signatureOnly', 'crypto.verify alone'],
      ['jwtgate', '@jwtgate/nestjs'],
      ['nestjsJwt', '@nestjs/jwt in a guard'],
    ],
  },
]

/** Loads nothing but what this application needs. */
export async function startOf(framework: string, name: string): Promise<Start> {
  const starts = (await modules[framework]?.()) as Readonly<Record<string, Start>> | undefined
  const start = starts?.[name]
  if (start === undefined) throw new Error(`There is no application ${name} on ${framework}`)
  return start
}

const modules: Readonly<Record<string, () => Promise<object>>> = {
  Express: () => import('./express-applications.ts'),
  Koa: () => import('./koa-applications.ts'),
  NestJS: () => import('./nest-applications.ts'),
}
