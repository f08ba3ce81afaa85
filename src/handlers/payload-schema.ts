import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { INVALID_PAYLOAD } from '../workers/handler.ts';

/* A payload's schema: one of TypeBox (any JSON Schema), or one of a library that follows Standard Schema. */

/** What Zod, Valibot, ArkType and others offer: https://standardschema.dev, version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type StandardTypes<S> = S extends {
  readonly '~standard': {
    readonly types?: { readonly input: infer I; readonly output: infer O } | undefined;
  };
}
  ? { input: I; output: O }
  : never;

type StaticOf<S> = S extends TSchema ? Static<S> : unknown;

/** The payload as it is submitted. */
export type InputOf<S> = S extends StandardSchema ? StandardTypes<S>['input'] : StaticOf<S>;

/** The payload as the handler gets it: a Standard Schema may have changed it. */
export type OutputOf<S> = S extends StandardSchema ? StandardTypes<S>['output'] : StaticOf<S>;

/** Returns the payload for the handler. Throws what makes the task dead at once when the payload does not fit. */
export type PayloadCheck = (payload: unknown) => unknown;

/** An error names so many places. */
const MAX_PROBLEMS = 5;

export function createPayloadCheck(eventType: string, schema: object): PayloadCheck {
  return isStandard(schema) ? standardCheck(eventType, schema) : jsonSchemaCheck(eventType, schema);
}

function isStandard(schema: object): schema is StandardSchema {
  const { '~standard': standard } = schema as { '~standard'?: { validate?: unknown } | null };
  return typeof standard?.validate === 'function';
}

function standardCheck(eventType: string, schema: StandardSchema): PayloadCheck {
  return async (payload) => {
    const result = await schema['~standard'].validate(payload);
    if (result.issues === undefined) return result.value;
    throw invalidPayload(
      eventType,
      result.issues.map(({ path = [], message }) => problem(pointerOf(path), message)),
    );
  };
}

function jsonSchemaCheck(eventType: string, schema: object): PayloadCheck {
  const validator = Compile(schema);
  return (payload) => {
    if (validator.Check(payload)) return payload;
    const errors = validator.Errors(payload);
    throw invalidPayload(
      eventType,
      errors.map(({ instancePath, message }) => problem(instancePath, message)),
    );
  };
}

/** A JSON Pointer. */
function pointerOf(path: NonNullable<StandardIssue['path']>): string {
  return path
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function problem(pointer: string, message: string): string {
  return pointer === '' ? message : `${pointer}: ${message}`;
}

function invalidPayload(eventType: string, problems: readonly string[]): Error {
  const named = problems.slice(0, MAX_PROBLEMS);
  if (problems.length > MAX_PROBLEMS) named.push(`${problems.length - MAX_PROBLEMS} more`);
  const error = new Error(`The payload does not fit the schema of ${eventType}: ${named.join('; ')}`);
  return Object.assign(error, { retryable: false, [INVALID_PAYLOAD]: true });
}
