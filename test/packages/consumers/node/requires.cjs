// A CommonJS program with all packages.
const core = require('@jwtgate/core')
const express = require('@jwtgate/express')
require('@jwtgate/express/augment')
const koa = require('@jwtgate/koa')
const nestjs = require('@jwtgate/nestjs')
require('@jwtgate/nestjs/microservices')
require('@jwtgate/nestjs/ws')
const testing = require('@jwtgate/testing')
const { protect } = require('./protect.cjs')

const packages = { core, express, koa, nestjs, testing }
void protect(packages, packages).then((found) => console.log(JSON.stringify(found)))
