import type { AgentProfileDto } from '@teko/api';
import { AGENTS } from '@teko/execution';
import type { TekoSettings } from '@teko/platform';

/** Returns the agents of this process in the format of the API. */
export function agentProfiles(settings: TekoSettings): AgentProfileDto[] {
  const models = { implementation: settings.TEKO_MODEL_IMPLEMENTATION, review: settings.TEKO_MODEL_REVIEW };
  const fallbacks = {
    implementation: settings.TEKO_FALLBACK_MODEL_IMPLEMENTATION,
    review: settings.TEKO_FALLBACK_MODEL_REVIEW,
  };
  return Object.values(AGENTS).map(({ id, title, tools, limits, instructions }) => ({
    id,
    name: title,
    agentType: id,
    description: instructions,
    model: models[id] ?? settings.TEKO_MODEL ?? null,
    fallback: fallbacks[id] ?? settings.TEKO_FALLBACK_MODEL ?? null,
    tools,
    limits: { ...limits },
  }));
}
