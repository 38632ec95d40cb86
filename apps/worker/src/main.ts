import { enableCompileCache } from '@teko/platform/compile-cache';

enableCompileCache(new URL('.compile-cache', import.meta.url));
await import('./process');
