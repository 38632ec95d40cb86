import { defineConfig, type Plugin, type UserConfig } from 'vite';

/** Packages that are not bundled, each with the reason. */
export const EXTERNAL = [
  // Native code, which lies beside its package.
  'libsql',
  '@node-rs/argon2',
  // Reads its WebAssembly from its own folder.
  '@vscode/tree-sitter-wasm',
  // Reads its Lua scripts from its own folder, and takes its own Redis client: one copy of it is enough.
  'bull',
  'ioredis',
  // Finds drivers at run time, and is required by @nestjs/typeorm: both must see the same classes.
  'typeorm',
  'mysql2',
  // Only where a Chroma is used; has native code for its server.
  'chromadb',
  // Keeps its tables once in a process.
  'reflect-metadata',
  // Files for browsers.
  'swagger-ui-dist',
];

const MAPPED_TYPES = '/@nestjs/mapped-types/dist/type-helpers.utils.js';
const NEST = '/@nestjs/common/';
const REQUIRE = 'const require = createRequire(import.meta.url);';
const BUNDLED = `import { getMetadataStorage, IsOptional, ValidateIf } from 'class-validator';
import { defaultMetadataStorage } from 'class-transformer/esm5/storage.js';
const validator = { getMetadataStorage, IsOptional, ValidateIf };
const transformer = { defaultMetadataStorage };
const require = (name) => (name === 'class-validator' ? validator : transformer);`;

/**
 * class-validator and class-transformer are asked for in three ways: by import, by Nest where nobody passed them, and by
 * `require` in @nestjs/mapped-types. All of them get the bundled copy, for each copy has its own rules; and of it only what is
 * used, since the rest knows the phone numbers and tax ids of the world.
 */
function oneValidator(): Plugin {
  return {
    name: 'one-validator',
    enforce: 'pre',
    resolveId(source, importer) {
      // Never loaded: `validation()` passes both.
      return importer?.includes(NEST) && source.startsWith('class-') ? { id: source, external: true } : null;
    },
    transform(code, id) {
      if (!id.endsWith(MAPPED_TYPES)) return null;
      if (!code.includes(REQUIRE)) this.error(`${id} loads class-validator in another way than it did`);
      return { code: code.replace(REQUIRE, BUNDLED), map: null };
    },
  };
}

/** How the server's processes are built: with their packages, in a few files, since it takes long to find and read thousands. */
export function serverBuild(): UserConfig {
  return defineConfig({
    plugins: [oneValidator()],
    build: {
      ssr: 'src/main.ts',
      target: 'node20',
      outDir: 'dist',
      emptyOutDir: true,
      sourcemap: true,
      rolldownOptions: {
        output: {
          entryFileNames: '[name].js',
          // Beside main.js, so that all of them see the same folder as theirs.
          chunkFileNames: '[name]-[hash].js',
          comments: { legal: true, jsdoc: false, annotation: false },
        },
      },
    },
    ssr: { noExternal: true, external: EXTERNAL },
  });
}
