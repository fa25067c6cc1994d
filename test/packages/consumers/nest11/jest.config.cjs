// As `nest new` of NestJS 11 sets Jest up: CommonJS, and node_modules as it is.
module.exports = { transform: { '\\.ts$': 'ts-jest' } }
