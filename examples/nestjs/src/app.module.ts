// Who may call this API is decided here, for every route at once; rules for single ones stand where these are.
import { JwtExceptionFilter, JwtGateModule } from '@jwtgate/nestjs'
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import { Module } from '@nestjs/common'
import { ConfigModule, ConfigService } from '@nestjs/config'
import { APP_FILTER } from '@nestjs/core'
import { GraphQLModule } from '@nestjs/graphql'
import { AppController } from './app.controller.js'
import { OrdersModule } from './orders/orders.module.js'

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    JwtGateModule.forRootAsync({
      guardAllRoutes: true, // what is not @Public() needs a token
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        issuer: config.getOrThrow<string>('ISSUER'), // the provider's keys are found from here, by OpenID Connect Discovery
        audience: config.getOrThrow<string>('AUDIENCE'), // a token made for another API is refused
        algorithms: ['RS256', 'ES256'], // what the provider signs with: the token has no say in it
        optionalClaims: ['nbf'], // oidc-provider, like many providers, sends no `nbf`; one that is sent is still checked
      }),
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      fieldResolverEnhancers: ['guards'], // without it, Nest runs no guard for a field
      includeStacktraceInErrorResponses: false, // else Apollo sends stacks wherever NODE_ENV is not `production`
    }),
    OrdersModule,
  ],
  controllers: [AppController],
  // A refusal becomes problem JSON (RFC 9457); any other error is Nest's.
  providers: [{ provide: APP_FILTER, useClass: JwtExceptionFilter }],
})
export class AppModule {}
