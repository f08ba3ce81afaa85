/* The entry `asdlc/handlers` of the package: what a module of handlers and its tests import. */

export type {
  ChildResult,
  HandlerSchedule,
  HandlerSettings,
  Handlers,
  TaskContext,
  TaskHandler,
  TaskSchedule,
} from '../workers/handler.ts';
export {
  type CheckedHandler,
  type DefinedHandlers,
  defineHandlers,
  type HandlerDefinition,
  type TypedTask,
} from './define-handlers.ts';
export { defineSchedules, type ScheduleOf } from './define-schedules.ts';
export type { InputOf, OutputOf, StandardIssue, StandardResult, StandardSchema } from './payload-schema.ts';
export { createTestContext, type LoggedLine, type TestContext, type TestTask } from './test-context.ts';
