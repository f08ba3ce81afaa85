/* The entry `asdlc/handlers` of the package: what a module of handlers and its tests import. */

export type { HandlerSettings, Handlers, TaskContext, TaskHandler } from '../workers/handler.ts';
export {
  type CheckedHandler,
  type DefinedHandlers,
  defineHandlers,
  type HandlerDefinition,
  type TypedTask,
} from './define-handlers.ts';
export type { InputOf, OutputOf, StandardIssue, StandardResult, StandardSchema } from './payload-schema.ts';
export { createTestContext, type LoggedLine, type TestContext, type TestTask } from './test-context.ts';
