import type { AgentType } from '@teko/contracts';
import { LANGUAGES, type CodebaseProfile, type Task } from '@teko/domain';

export interface AgentChoice {
  agentType: AgentType;
  language: string | null;
  reason: string;
}

const AGENT_BY_KIND: Partial<Record<Task['kind'], AgentType>> = { implement: 'implementation', review: 'review' };

/**
 * Chooses the agent for a task. The language is one that the ticket mentions, or else the one with most code; it is null if
 * no agent supports the languages of the repository. Returns null if no agent handles this kind of task.
 */
export function chooseAgent(task: Task, profile: CodebaseProfile | null): AgentChoice | null {
  const agentType = AGENT_BY_KIND[task.kind];
  if (!agentType) return null;
  const agentReason = `The ${agentType} agent handles ${task.kind} tasks.`;
  const shares = languageShares(profile);
  const dominant = shares[0];
  if (!dominant) return { agentType, language: null, reason: `${agentReason} No supported language was found.` };
  const mentioned = shares.find(({ language }) => language.names.some((name) => mentions(task, name)));
  if (mentioned && mentioned !== dominant) {
    return {
      agentType,
      language: mentioned.language.id,
      reason: `${agentReason} ${mentioned.language.title} was chosen because the ticket mentions it (${mentioned.share} % of the code).`,
    };
  }
  return {
    agentType,
    language: dominant.language.id,
    reason: `${agentReason} ${dominant.language.title} was chosen because it is ${dominant.share} % of the code.`,
  };
}

function languageShares(profile: CodebaseProfile | null) {
  const candidates = LANGUAGES.map((language) => ({
    language: { id: language.id, title: language.title, names: language.linguist },
    share: roundToTenth(
      profile?.languages.filter((l) => language.linguist.includes(l.name)).reduce((sum, l) => sum + l.share, 0) ?? 0,
    ),
  }));
  return candidates.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
}

function mentions(task: Task, name: string): boolean {
  return new RegExp(`\\b${name.replace(/[^\w]/g, '\\$&')}\\b`, 'i').test(`${task.title}\n${task.description}`);
}

function roundToTenth(share: number): number {
  return Math.round(share * 10) / 10;
}
