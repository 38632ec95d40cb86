import { MAX_PER_PAGE } from '@teko/contracts';
import type { ForgeConnection, ExternalRepository } from '@teko/domain';

/** Fake connection that lists three repositories and returns any repository by name, except those of the owner `hidden`. */
export class FakeForgeConnection implements ForgeConnection {
  readonly kind = 'token';

  async self() {
    return { id: '1', login: 'teko-bot', isBot: false };
  }

  async repositories({ q = '', page, perPage }: Parameters<ForgeConnection['repositories']>[0]) {
    const names = ['acme/billing', 'acme/shop', 'acme/website'].filter((name) => name.includes(q));
    const first = (page - 1) * Math.min(perPage, MAX_PER_PAGE);
    return { data: names.slice(first, first + perPage).map(anExternalRepository), total: names.length };
  }

  async repository(forgeName: string) {
    return forgeName.startsWith('hidden/') ? null : anExternalRepository(forgeName);
  }

  async diagnose() {
    return [{ name: 'credential', ok: false, detail: 'The token has expired.', remedy: 'Create a new token.' }];
  }
}

function anExternalRepository(forgeName: string): ExternalRepository {
  const url = `https://github.com/${forgeName}.git`;
  const properties = { defaultBranch: 'main', archived: false, private: true, description: null };
  return { forgeId: `id of ${forgeName}`, forgeName, url, ...properties };
}
