// The packages that are compared: each line is what one application has.

export const peers: readonly (readonly string[])[] = [
  ['@jwtgate/core'],
  ['fast-jwt'],
  ['jose'],
  ['aws-jwt-verify'],
  ['jsonwebtoken'],
  ['@jwtgate/express'],
  ['express-oauth2-jwt-bearer'],
  ['express-jwt', 'jwks-rsa'],
  ['@jwtgate/koa'],
  ['koa-jwt', 'jwks-rsa'],
]
