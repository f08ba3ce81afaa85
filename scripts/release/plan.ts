/** A package that a release packs. */
export interface ReleasePackage {
  readonly folder: string;
  /** All that its tarball may hold. */
  readonly contents: RegExp;
  /** What it must hold. */
  readonly required: readonly string[];
}

/** A place that names the version: the first group of the pattern. */
export interface VersionPlace {
  readonly file: string;
  readonly pattern: RegExp;
}

/** What a release looks at. */
export interface ReleasePlan {
  readonly packages: readonly ReleasePackage[];
  readonly versions: readonly VersionPlace[];
  /** Scripts that write generated files. */
  readonly generators: readonly string[];
  /** The script of package.json that must pass. */
  readonly check: string;
}

export const ASDLC_PACKAGE: ReleasePackage = {
  folder: '.',
  contents:
    /^(dist\/|dashboard\/dist\/|templates\/project\/|scripts\/bootstrap\.sh$|scripts\/bootstrap\/programs\.sh$|package\.json$|src\/infrastructure\/metrics\/SCRAPE_CONFIG\.md$|docs\/runbooks\.md$|README\.md$|LICENSE$|CHANGELOG\.md$)/,
  required: [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'docs/runbooks.md',
    'dashboard/dist/index.html',
    'dist/orchestrator/main.js',
    'dist/workers/main.js',
    'dist/local-stack/main.js',
    'dist/examples/handlers/index.js',
    'dist/examples/handlers/demo.js',
  ],
};

const METRICS_PACKAGE: ReleasePackage = {
  folder: 'packages/metrics',
  contents: /^(dist\/|src\/.+\.ts$|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/,
  required: ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.mjs', 'dist/index.d.ts'],
};

export const RELEASE_PLAN: ReleasePlan = {
  packages: [ASDLC_PACKAGE, METRICS_PACKAGE],
  versions: [
    { file: 'package-lock.json', pattern: /^\s*"version": "(.+)"/m },
    { file: 'deploy/kubernetes/overlays/example/kustomization.yaml', pattern: /newTag: (\S+)/ },
    { file: 'docs/deployment.md', pattern: /--build-arg VERSION=(\S+)/ },
    { file: 'docs/deployment.md', pattern: /FROM asdlc:(\S+)/ },
  ],
  generators: [
    'scripts/configuration-docs.ts',
    'scripts/metrics-docs.ts',
    'scripts/alert-rules.ts',
    'scripts/grafana-dashboards.ts',
    'scripts/client-types.ts',
    'scripts/build-metrics-package.ts',
  ],
  check: 'check',
};
