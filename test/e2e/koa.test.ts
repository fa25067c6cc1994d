// The story of the demo on Koa.
import { testStory } from './test-story.ts'

testStory('Koa', 'koa')
