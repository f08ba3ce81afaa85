import process from 'node:process';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { slimUplot } from './slim-uplot.ts';

const orchestrator = process.env.ORCHESTRATOR_URL ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/health', '/openapi.json', '/docs', '/metrics'];

/*
 * A rule of a later layer wins over one of an earlier layer, whatever their selectors. Each stylesheet puts its rules into
 * the layer of its room, and gets the order of all layers: so the order in which files load does not matter.
 */
const LAYER_ORDER = '@layer vendor, theme, ui, charts, features;';
const layerOrder: Plugin = {
  name: 'layer-order',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.css') ? `${LAYER_ORDER}\n${code}` : null),
};

/** Modules that the overview needs are one chunk: pieces of it would compress worse. Dialogs and forms load when they open. */
const FRAME =
  /dashboard\/src\/((access|controls)\/(?!.*-dialog\.)|(api|app|format|lazy|navigation|theme|view)\/|ui\/(?!forms|dialogs\/confirm|buttons\/(tabs|copy-button))|overview\/alerts\.|main\.)|src\/shared\/http-contract\/|node_modules\/@?preact/;

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [layerOrder, slimUplot, preact()],
  build: {
    // The first versions that know light-dark() and @property: the colours and the charts rely on them.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    // The policy of the page allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'frame', test: FRAME }],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: orchestrator, changeOrigin: true }])),
  },
});
