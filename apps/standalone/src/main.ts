import { keepCompiled } from '@teko/platform/compile-cache';

keepCompiled(new URL('.compile-cache', import.meta.url));
await import('./process');
