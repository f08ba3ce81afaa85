import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/*
 * What `kubectl kustomize FOLDER` prints, for the features that deploy/kubernetes uses; it throws for any other. So unit
 * tests need no kubectl. tests/image/kustomize.test.ts compares the two.
 */

/** A resource of Kubernetes, of any kind. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; namespace?: string; labels?: Record<string, string> };
  readonly spec?: unknown;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Target {
  readonly kind: string;
  readonly name: string;
}

interface Kustomization {
  readonly kind: 'Kustomization' | 'Component';
  readonly namespace?: string;
  readonly labels?: readonly { pairs: Record<string, string>; includeTemplates?: boolean }[];
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { name: string; newName: string; newTag: string | number }[];
  readonly patches?: readonly { path?: string; patch?: string; target?: Target }[];
}

const KNOWN = ['apiVersion', 'kind', 'namespace', 'labels', 'resources', 'components', 'images', 'patches'];
const CLUSTER_WIDE = ['Namespace'];

/** Returns the resources of a folder with a kustomization.yaml. */
export function kustomize(folder: string): Resource[] {
  return resolve(folder, []);
}

/** A component changes what came before it; a kustomization begins with nothing. */
function resolve(folder: string, before: readonly Resource[]): Resource[] {
  const file: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const unknown = Object.keys(file).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0) throw new Error(`${folder}: expected only ${KNOWN.join(', ')}; got ${unknown}`);
  const own = (file.resources ?? []).flatMap((path) => resourcesAt(join(folder, path)));
  let all = [...before, ...own];
  for (const path of file.components ?? []) all = resolve(join(folder, path), all);
  for (const patch of file.patches ?? []) all = patched(all, folder, patch);
  return all.map((resource) => transformed(resource, file));
}

function resourcesAt(path: string): Resource[] {
  return statSync(path).isDirectory() ? kustomize(path) : documents<Resource>(readFileSync(path, 'utf8'));
}

function documents<T>(yaml: string): T[] {
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as T; // the schemas are checked by the caller
  });
}

function transformed(resource: Resource, { namespace, labels = [], images = [] }: Kustomization): Resource {
  const copy = structuredClone(resource);
  if (namespace !== undefined && !CLUSTER_WIDE.includes(copy.kind)) copy.metadata.namespace = namespace;
  for (const { pairs, includeTemplates } of labels) {
    copy.metadata.labels = { ...copy.metadata.labels, ...pairs };
    const template = templateOf(copy);
    if (includeTemplates && template) template.metadata.labels = { ...template.metadata.labels, ...pairs };
  }
  for (const container of templateOf(copy)?.spec.containers ?? []) {
    const [name] = container.image.split(':');
    const image = images.find((one) => one.name === name);
    if (image !== undefined) container.image = `${image.newName}:${image.newTag}`;
  }
  return copy;
}

/** A Deployment's template of pods. */
export interface PodTemplate {
  readonly metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  readonly spec: { containers: { image: string }[] };
}

function templateOf(resource: Resource): PodTemplate | undefined {
  return (resource.spec as { template?: PodTemplate } | undefined)?.template;
}

function patched(
  all: readonly Resource[],
  folder: string,
  { path, patch, target }: NonNullable<Kustomization['patches']>[number],
): Resource[] {
  const text = path === undefined ? patch : readFileSync(join(folder, path), 'utf8');
  if (text === undefined) throw new Error(`${folder}: expected a patch with path or patch`);
  const changes = documents<Json>(text);
  let result = [...all];
  for (const change of changes) {
    const { kind, name } = target ?? identityOf(change);
    const found = result.filter((resource) => resource.kind === kind && resource.metadata.name === name);
    if (found.length !== 1) throw new Error(`expected one ${kind} ${name} to patch; got ${found.length}`);
    const [old] = found as [Resource];
    const changed = Array.isArray(change)
      ? change.reduce<Json>(
          (value, operation) => operated(value, operation as unknown as Operation),
          jsonOf(old),
        )
      : merged(jsonOf(old), change, '');
    result = result.map((resource) => (resource === old ? (changed as unknown as Resource) : resource));
  }
  return result;
}

function identityOf(change: Json): Target {
  const { kind, metadata } = change as unknown as Resource; // a patch without a target names what it patches
  return { kind, name: metadata.name };
}

function jsonOf(resource: Resource): Json {
  return structuredClone(resource) as unknown as Json; // it came from YAML
}

/** An operation of RFC 6902. */
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: Json;
}

function operated(value: Json, { op, path, value: given = null }: Operation): Json {
  const keys = path.split('/').slice(1);
  let last = keys.pop() ?? '';
  let holder = value as Record<string, Json>;
  for (const key of keys) holder = holder[key] as Record<string, Json>;
  if (op === 'add' && last === '-') last = String(holder.length); // the end of a list
  if (op !== 'add' && !Object.hasOwn(holder, last)) throw new Error(`expected ${path} to be there`);
  if (op === 'remove') delete holder[last];
  else if (op === 'replace' || op === 'add') holder[last] = given;
  else throw new Error(`expected add, remove or replace; got ${op}`);
  return value;
}

/** The lists whose items a strategic merge matches by a key; other lists are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = { containers: 'name', env: 'name', volumes: 'name' };

/** A strategic merge. Items that the patch names come first, as kustomize has it. */
function merged(old: Json | undefined, change: Json, field: string): Json {
  const key = MERGE_KEYS[field];
  if (Array.isArray(change) && Array.isArray(old) && key !== undefined) {
    const keyOf = (item: Json | undefined) => (item as Record<string, Json>)[key];
    const matching = (list: readonly Json[], item: Json) => list.find((one) => keyOf(one) === keyOf(item));
    const first = change.map((item) => merged(matching(old, item), item, ''));
    return [...first, ...old.filter((item) => matching(change, item) === undefined)];
  }
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const result = { ...(old as Record<string, Json> | undefined) };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value, name);
  }
  return result;
}
