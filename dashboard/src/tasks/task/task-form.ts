import {
  LARGEST_PRIORITY,
  MAX_DELAY_MS,
  MOST_ATTEMPTS,
} from '../../../../src/shared/http-contract/limits.ts';
import type { TaskDetail, TaskRequest } from '../../../../src/shared/http-contract/tasks.ts';
import { visibleJson, visibleText } from '../../format/visible-text.ts';
import { eventTypeError } from '../event-type.ts';
import { isLongText, readableJson } from './long-text.ts';

const MAX_DELAY_SECONDS = MAX_DELAY_MS / 1000;

/** The fields as the operator typed them. */
export interface TaskForm {
  readonly eventType: string;
  readonly payload: string;
  readonly priority: string;
  readonly delaySeconds: string;
  readonly maxAttempts: string;
}

export const EMPTY_FORM: TaskForm = {
  eventType: '',
  payload: '{}',
  priority: '',
  delaySeconds: '',
  maxAttempts: '',
};

type Submitted = Pick<TaskDetail, 'event_type' | 'payload' | 'priority' | 'max_attempts'>;

/** The fields for a new task that is like another one, and due at once. */
export function formOf({ event_type, payload, priority, max_attempts }: Submitted): TaskForm {
  return {
    eventType: visibleText(event_type),
    payload: payloadText(payload),
    priority: priority === 0 ? '' : String(priority),
    delaySeconds: '',
    maxAttempts: String(max_attempts),
  };
}

/** A long payload as it is: nobody reads it before `editablePayload`. */
function payloadText(payload: unknown): string {
  const text = readableJson(payload);
  return isLongText(text) ? JSON.stringify(payload) : visibleJson(text);
}

/** The text of a payload to read and to change. */
export const editablePayload = (json: string) => visibleJson(JSON.stringify(JSON.parse(json), null, 2));

/** The request that submits a task like another one, due at once. */
export function requestOf({ event_type, payload, priority, max_attempts }: Submitted): TaskRequest {
  return { event_type, payload, ...(priority !== 0 && { priority }), max_attempts };
}

export type FormErrors = Readonly<Partial<Record<keyof TaskForm, string>>>;

/** The request that the fields make, or what is wrong with them. */
export function readForm(form: TaskForm): { request?: TaskRequest; errors: FormErrors } {
  const payload = readPayload(form.payload);
  const priority = readWhole(form.priority, 0, LARGEST_PRIORITY);
  const delay = readSeconds(form.delaySeconds);
  const maxAttempts = readWhole(form.maxAttempts, 1, MOST_ATTEMPTS);
  const problems: Record<string, string | undefined> = {
    eventType: eventTypeError(form.eventType),
    payload: payload.error,
    priority: priority.error,
    delaySeconds: delay.error,
    maxAttempts: maxAttempts.error,
  };
  const errors = Object.fromEntries(
    Object.entries(problems).filter(([, error]) => error !== undefined),
  ) as FormErrors; // the filter left out what is undefined
  if (Object.keys(errors).length > 0) return { errors };
  const request: TaskRequest = {
    event_type: form.eventType,
    ...(payload.value !== undefined && { payload: payload.value }),
    ...(priority.value !== undefined && { priority: priority.value }),
    ...(delay.value !== undefined && { delay_ms: Math.round(delay.value * 1000) }),
    ...(maxAttempts.value !== undefined && { max_attempts: maxAttempts.value }),
  };
  return { request, errors };
}

interface Read<T> {
  readonly value?: T;
  readonly error?: string;
}

function readPayload(text: string): Read<unknown> {
  if (text.trim() === '') return {};
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: `Expected JSON. ${(error as Error).message}` };
  }
}

function readWhole(text: string, from: number, to: number): Read<number> {
  if (text.trim() === '') return {};
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return { value };
  return { error: `Expected a whole number from ${from} to ${to}` };
}

function readSeconds(text: string): Read<number> {
  if (text.trim() === '') return {};
  const value = Number(text);
  if (value >= 0 && value <= MAX_DELAY_SECONDS) return { value };
  return { error: `Expected seconds from 0 to ${MAX_DELAY_SECONDS} (a year)` };
}

/** A key under which a request that got no response can be sent again. Works on plain HTTP too. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
