// Starts the API.
import { ConfigService } from '@nestjs/config'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'

const app = await NestFactory.create(AppModule)
app.enableShutdownHooks() // SIGTERM: requests under way are answered, new ones are not taken
await app.listen(app.get(ConfigService).getOrThrow<string>('PORT'), '127.0.0.1')
console.log(`listening on ${await app.getUrl()}`)
