/** What a program can import of `@asdlc/metrics`. Build, `exports` and tests of the package follow from the list. */
export interface PackageEntry {
  /** `.` or `./fastify`, as in `exports`. */
  readonly path: string;
  /** Its modules, from src/infrastructure/metrics. The entry has what they export. */
  readonly modules: readonly string[];
  /** Packages that a program must have to import this entry, with their ranges. */
  readonly peers?: Readonly<Record<string, string>>;
}

export const ENTRIES: readonly PackageEntry[] = [
  { path: '.', modules: ['library.ts'] },
  {
    path: './fastify',
    modules: ['http/middleware.ts', 'http/endpoint.ts'],
    peers: { fastify: '^5.0.0', 'fastify-plugin': '^5.0.0 || ^6.0.0' },
  },
  { path: './node-http', modules: ['http/node-http.ts'] },
  { path: './express', modules: ['http/express.ts'] },
  { path: './koa', modules: ['http/koa.ts'] },
  { path: './hono', modules: ['http/hono.ts'] },
  { path: './undici', modules: ['http/undici.ts'] },
];

/** Programs of the package: command → module, from src/infrastructure/metrics. */
export const PROGRAMS: Readonly<Record<string, string>> = {};

/** The file name of an entry, without extension: `index`, `fastify`. */
export function fileOf({ path }: PackageEntry): string {
  return path === '.' ? 'index' : path.slice('./'.length);
}

function programFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, module]) => [name, `./dist/lib/${module.replace(/ts$/, 'js')}`]),
  );
}

/** The fields of packages/metrics/package.json that follow from the list. */
export function manifestFields(): object {
  const paths = ENTRIES.map((entry) => {
    const file = `./dist/${fileOf(entry)}`;
    return [
      entry.path,
      {
        import: { types: `${file}.d.mts`, default: `${file}.mjs` },
        require: { types: `${file}.d.ts`, default: `${file}.js` },
      },
    ] as const;
  });
  const peers = Object.assign({}, ...ENTRIES.map((entry) => entry.peers)) as Record<string, string>;
  // The declarations name types of Node, such as `Buffer`.
  const peerDependencies = { '@types/node': '>=22', ...peers };
  return {
    exports: { ...Object.fromEntries(paths), './package.json': './package.json' },
    // For compilers that do not read `exports`.
    typesVersions: {
      '*': Object.fromEntries(
        ENTRIES.filter(({ path }) => path !== '.').map((entry) => [
          fileOf(entry),
          [`./dist/${fileOf(entry)}.d.ts`],
        ]),
      ),
    },
    ...(Object.keys(PROGRAMS).length > 0 && { bin: programFiles() }),
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(peerDependencies).map((name) => [name, { optional: true }]),
    ),
  };
}
