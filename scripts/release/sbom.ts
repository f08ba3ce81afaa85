import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './commands.ts';

/** The parts of a CycloneDX document that this reads. */
interface Sbom {
  readonly metadata: { readonly component: { name: string; readonly 'bom-ref': string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The packages that come with an installation, as npm lists them in CycloneDX's form. `npm sbom --omit dev` leaves out
 * many of them, Fastify among them. So this takes the whole list, and drops what npm marks as for development.
 */
export function sbomOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const whole = JSON.parse(output(folder, 'npm', ['sbom', '--sbom-format', 'cyclonedx'])) as Sbom;
  const components = whole.components.filter(
    ({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'),
  );
  const names = new Set(components.map(({ name }) => name));
  const missing = Object.keys(manifest.dependencies ?? {}).filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`expected an SBOM with all dependencies; got none of ${missing}`);
  const root = whole.metadata.component;
  const refs = new Set([root['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn?.filter((ref) => refs.has(ref)) ?? [] }));
  // npm names the root after its folder.
  const metadata = { ...whole.metadata, component: { ...root, name: manifest.name } };
  return `${JSON.stringify({ ...whole, metadata, components, dependencies }, null, 2)}\n`;
}
