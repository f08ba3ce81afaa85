import process from 'node:process';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const orchestrator = process.env.ORCHESTRATOR_URL ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/health', '/openapi.json', '/docs', '/metrics'];

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [preact()],
  build: {
    // The first versions that know light-dark() and @property: the colours and the charts rely on them.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    // The policy of the page allows no data: URL.
    assetsInlineLimit: 0,
    // All styles in one file: as gzip it is smaller than the pieces that the overview alone would load.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: orchestrator, changeOrigin: true }])),
  },
});
