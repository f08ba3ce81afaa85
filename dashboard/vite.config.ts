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
    // Browsers that know light-dark() and @property: both the colours and the charts rely on them.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    // The policy of the page allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: orchestrator, changeOrigin: true }])),
  },
});
