import { MAX_PER_PAGE } from '@teko/contracts';
import type { ForgeConnection, ExternalRepository } from '@teko/domain';

/** A forge with as many repositories as anybody asks for by name, of which it lists three. */
export class FakeForgeConnection implements ForgeConnection {
  readonly kind = 'token';

  async self() {
    return { id: '1', login: 'teko-bot', isBot: false };
  }

  async repositories({ q = '', page, perPage }: Parameters<ForgeConnection['repositories']>[0]) {
    const found = ['acme/billing', 'acme/shop', 'acme/website'].filter((name) => name.includes(q));
    const first = (page - 1) * Math.min(perPage, MAX_PER_PAGE);
    return { data: found.slice(first, first + perPage).map(outside), total: found.length };
  }

  async repository(forgeName: string) {
    return forgeName.startsWith('hidden/') ? null : outside(forgeName);
  }

  async diagnose() {
    return [{ name: 'credential', ok: false, detail: 'The token has ended.', remedy: 'Make a new one.' }];
  }
}

function outside(forgeName: string): ExternalRepository {
  const url = `https://github.com/${forgeName}.git`;
  const more = { defaultBranch: 'main', archived: false, private: true, description: null };
  return { forgeId: `id of ${forgeName}`, forgeName, url, ...more };
}
