import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server that the development server of the panel passes requests on to. */
const server = process.env.TEKO_SERVER ?? 'http://127.0.0.1:3000';
const serverPaths = ['api', 'auth', 'docs', 'healthz', 'metrics', 'openapi.json', 'queues', 'readyz', 'webhooks'];

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 1500 },
  server: {
    proxy: Object.fromEntries(serverPaths.map((path) => [`^/${path.replace('.', '\\.')}(-yaml)?(/|\\?|$)`, server])),
  },
});
