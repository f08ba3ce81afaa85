import type { ErrorObject } from 'ajv';

/**
 * Returns "where: expected …; got …" for an error of Ajv, with the schema's description where it has one. The Ajv
 * instance must be made with `verbose: true`.
 */
export function describeSchemaError(error: ErrorObject, part: string): string {
  const place = [part, ...error.instancePath.split('/').slice(1)].filter((step) => step !== '').join('.');
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema as { properties: object }).properties).join(', ');
    return `${place}: unexpected field ${JSON.stringify(error.params.additionalProperty)}; expected only ${known}`;
  }
  if (error.keyword === 'required') {
    return `${place}: expected the field ${JSON.stringify(error.params.missingProperty)}; got none`;
  }
  const description = (error.parentSchema as { description?: string } | undefined)?.description;
  return `${place}: expected ${description ?? error.message?.replace(/^must /, '')}; got ${shortJson(error.data)}`;
}

function shortJson(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
