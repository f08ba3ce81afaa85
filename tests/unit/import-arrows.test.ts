import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findViolations, listArrows, readSources } from '../../scripts/import-arrows.ts';

const METRICS = 'src/infrastructure/metrics';
const TELEMETRY = 'src/infrastructure/telemetry';

/** A tree of one file that imports another. */
const importing = (from: string, path: string) => ({ [from]: `import { a } from '${path}';\n` });

describe('the imports of src and of the dashboard', () => {
  it('go down only, and to what the table allows', () => {
    assert.deepEqual(findViolations(readSources()), []);
  });

  it('were all read', () => {
    const arrows = listArrows(readSources());
    for (const arrow of [
      'src/workers → src/workers/attempts',
      'src/orchestrator → src/orchestrator/tasks',
      `${METRICS}/http → ${METRICS}`,
      `${METRICS} → ${METRICS}/exposition`,
      'dashboard/src → src/shared',
    ]) {
      assert.ok(
        arrows.some((line) => line.endsWith(`  ${arrow}`)),
        `${arrow} in ${arrows.join('\n')}`,
      );
    }
  });
});

describe('a main.ts', () => {
  it('takes the stop signals before it loads the rest of its program', () => {
    const sources = readSources();
    for (const service of ['orchestrator', 'workers', 'local-stack']) {
      const main = sources[`src/${service}/main.ts`] ?? '';
      const loaded = Array.from(main.matchAll(/^import .* from '(.+)';$/gm), ([, path = '']) => path);
      assert.equal(loaded.length, 1, `${service} loads ${loaded}`);
      const taker = sources[join(`src/${service}`, loaded[0] ?? '')] ?? '';
      assert.match(taker, /process\.on\(/);
      assert.doesNotMatch(taker, /^import /m);
    }
  });
});

describe('findViolations', () => {
  for (const [rule, from, path, problem] of [
    [
      'the metrics library imports nothing of ours',
      `${METRICS}/registry.ts`,
      '../telemetry/catalogue.ts',
      /; expected only src\/infrastructure\/metrics and packages$/,
    ],
    [
      'the metrics library does not import shared',
      `${METRICS}/http/a.ts`,
      '../../../shared/trace-context.ts',
      /expected only/,
    ],
    [
      'shared imports packages only',
      'src/shared/config.ts',
      '../local-stack/options.ts',
      /expected only src\/shared and packages$/,
    ],
    [
      'the root of shared does not import its rooms',
      'src/shared/errors.ts',
      './queue/queue.ts',
      /src\/shared\/queue is not below src\/shared$/,
    ],
    [
      'shared/service does not import shared/queue',
      'src/shared/service/health.ts',
      '../queue/queue.ts',
      /not below/,
    ],
    [
      'telemetry imports files of the library, not its index',
      `${TELEMETRY}/collectors.ts`,
      '../metrics/index.ts',
      /metrics\/index\.ts is not below/,
    ],
    [
      'telemetry does not import the client of the TSDB',
      `${TELEMETRY}/a.ts`,
      '../victoria-metrics/upstream.ts',
      /expected only/,
    ],
    [
      'the client of the TSDB does not import telemetry',
      'src/infrastructure/victoria-metrics/a.ts',
      '../telemetry/a.ts',
      /expected only/,
    ],
    [
      'infrastructure does not import a process',
      `${TELEMETRY}/a.ts`,
      '../../workers/handler.ts',
      /expected only/,
    ],
    [
      'processes do not import each other',
      'src/orchestrator/app.ts',
      '../workers/handler.ts',
      /expected only/,
    ],
    [
      'the local stack imports no service',
      'src/local-stack/main.ts',
      '../orchestrator/main.ts',
      /expected only/,
    ],
    ['nothing imports what is outside', 'src/workers/app.ts', '../../tests/support/http.ts', /expected only/],
    ['a room does not import the files above it', 'src/orchestrator/tasks/a.ts', '../app.ts', /not below/],
    [
      'rooms of one floor do not import each other',
      'src/orchestrator/tasks/a.ts',
      '../query/b.ts',
      /not below/,
    ],
    [
      'the dashboard imports the HTTP contract only',
      'dashboard/src/app.tsx',
      '../../src/shared/errors.ts',
      /expected only/,
    ],
    ['every file has a room', 'src/utils/a.ts', '../shared/errors.ts', /expected a room/],
  ] as const) {
    it(`finds that a rule is broken: ${rule}`, () => {
      const violations = findViolations(importing(from, path));
      assert.equal(violations.length, 1);
      assert.match(violations[0] ?? '', problem);
    });
  }

  it('finds calls within the library that go up', () => {
    const order = ['http/a.ts', 'registry.ts', 'exposition/a.ts', 'instruments/a.ts', 'series/a.ts'];
    const paths = order.map((path) => `${METRICS}/${path}`);
    for (const [i, from] of paths.entries()) {
      for (const [k, to] of paths.entries()) {
        const path = `./${'../'.repeat(from.split('/').length - 1)}${to}`;
        const expected = k < i ? 1 : 0;
        assert.equal(findViolations(importing(from, path)).length, expected, `${from} imports ${to}`);
      }
    }
  });

  it('finds a circle between rooms', () => {
    const circle = {
      'src/workers/attempts/a.ts': "import type { B } from '../recovery/b.ts';\n",
      'src/workers/recovery/b.ts': "export * from '../attempts/a.ts';\n",
    };
    assert.equal(findViolations(circle).length, 1);
  });

  it('reads imports of types, of several lines, exports, calls and imports without names', () => {
    const up = '../query/b.ts';
    for (const text of [
      `import type { B } from '${up}';`,
      `import {\n  b,\n  type C,\n} from '${up}';`,
      `import a, * as b from '${up}';`,
      `export { b } from '${up}';`,
      `export * from '${up}';`,
      `import '${up}';`,
      `const b = await import('${up}');`,
      `type B = import('${up}').B;`,
    ]) {
      assert.equal(findViolations({ 'src/orchestrator/tasks/a.ts': `${text}\n` }).length, 1, text);
    }
    assert.deepEqual(findViolations({ 'src/orchestrator/tasks/a.ts': "import { b } from 'package';\n" }), []);
  });

  it('allows the parts of the HTTP contract to the dashboard', () => {
    for (const name of ['http-contract', 'http-contract/panels']) {
      assert.deepEqual(findViolations(importing('dashboard/src/a.ts', `../../src/shared/${name}.ts`)), []);
    }
  });
});

describe('listArrows', () => {
  it('counts the imports between rooms, from the top floor down', () => {
    const sources = {
      'src/shared/queue/a.ts': "import '../errors.ts';\nimport '../config.ts';\n",
      'src/workers/app.ts':
        "import './worker-pool.ts';\nimport '../shared/errors.ts';\nimport './limits/a.ts';\n",
    };
    assert.deepEqual(listArrows(sources), [
      '  1  src/workers → src/workers/limits',
      '  1  src/workers → src/shared',
      '  2  src/shared/queue → src/shared',
    ]);
  });
});
