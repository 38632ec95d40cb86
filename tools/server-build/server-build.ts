import { defineConfig, type Plugin, type UserConfig } from 'vite';

/** Packages that are not bundled, with the reason. */
export const EXTERNAL = [
  // Native code in their own packages.
  'libsql',
  '@node-rs/argon2',
  // Loads its WebAssembly from its own folder.
  '@vscode/tree-sitter-wasm',
  // Loads its Lua scripts from its own folder, and must share one copy of the Redis client.
  'bull',
  'ioredis',
  // Loads drivers at run time, and must be the same copy that @nestjs/typeorm loads.
  'typeorm',
  'mysql2',
  // Loaded only if Chroma is used; contains native code.
  'chromadb',
  // Must exist once per process.
  'reflect-metadata',
  // Files for browsers.
  'swagger-ui-dist',
];

const MAPPED_TYPES = '/@nestjs/mapped-types/dist/type-helpers.utils.js';
const NEST = '/@nestjs/common/';
const REQUIRE = 'const require = createRequire(import.meta.url);';
const BUNDLED_REQUIRE = `import { getMetadataStorage, IsOptional, ValidateIf } from 'class-validator';
import { defaultMetadataStorage } from 'class-transformer/esm5/storage.js';
const validator = { getMetadataStorage, IsOptional, ValidateIf };
const transformer = { defaultMetadataStorage };
const require = (name) => (name === 'class-validator' ? validator : transformer);`;

/**
 * Makes all code use one bundled copy of class-validator and class-transformer, because each copy has its own registry. They
 * are loaded by imports, by Nest as a default, and by `require` in @nestjs/mapped-types. Only the used parts are bundled.
 */
function sharedValidator(): Plugin {
  return {
    name: 'one-validator',
    enforce: 'pre',
    resolveId(source, importer) {
      // Nest never loads its default, because `validation()` passes both.
      return importer?.includes(NEST) && source.startsWith('class-') ? { id: source, external: true } : null;
    },
    transform(code, id) {
      if (!id.endsWith(MAPPED_TYPES)) return null;
      if (!code.includes(REQUIRE)) this.error(`${id} loads class-validator in an unknown way`);
      return { code: code.replace(REQUIRE, BUNDLED_REQUIRE), map: null };
    },
  };
}

/** Vite configuration of the server processes. Bundles packages into a few files, because loading thousands of files is slow. */
export function serverBuild(): UserConfig {
  return defineConfig({
    plugins: [sharedValidator()],
    build: {
      ssr: 'src/main.ts',
      target: 'node20',
      outDir: 'dist',
      emptyOutDir: true,
      sourcemap: true,
      rolldownOptions: {
        output: {
          entryFileNames: '[name].js',
          // Next to main.js, so that `import.meta.url` has the same folder everywhere.
          chunkFileNames: '[name]-[hash].js',
          comments: { legal: true, jsdoc: false, annotation: false },
        },
      },
    },
    ssr: { noExternal: true, external: EXTERNAL },
  });
}
