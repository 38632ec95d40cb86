import type { AgentType } from '@teko/contracts';
import { LANGUAGES, type CodebaseProfile, type Task } from '@teko/domain';

export interface AgentChoice {
  agentType: AgentType;
  language: string | null;
  reason: string;
}

const AGENT_BY_KIND: Partial<Record<Task['kind'], AgentType>> = { implement: 'implementation', review: 'review' };

/**
 * Which agent works on a task, and why. The language is the one that the ticket names by a path or by word, else the
 * one with most code; a language no agent knows gives null and the reason says so.
 */
export function chooseAgent(task: Task, profile: CodebaseProfile | null): AgentChoice | null {
  const agentType = AGENT_BY_KIND[task.kind];
  if (!agentType) return null;
  const because = `The task asks to ${task.kind}, which the ${agentType} agent does.`;
  const shares = languageShares(profile);
  const first = shares[0];
  if (!first)
    return { agentType, language: null, reason: `${because} No language with an agent of its own was found.` };
  const named = shares.find(({ language }) => language.names.some((name) => mentions(task, name)));
  if (named && named !== first) {
    return {
      agentType,
      language: named.language.id,
      reason: `${because} ${named.language.title} because the ticket names it; it is ${named.share} % of the code.`,
    };
  }
  return {
    agentType,
    language: first.language.id,
    reason: `${because} ${first.language.title} because it is ${first.share} % of the code.`,
  };
}

function languageShares(profile: CodebaseProfile | null) {
  const candidates = LANGUAGES.map((language) => ({
    language: { id: language.id, title: language.title, names: language.linguist },
    share: round(
      profile?.languages.filter((l) => language.linguist.includes(l.name)).reduce((sum, l) => sum + l.share, 0) ?? 0,
    ),
  }));
  return candidates.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
}

function mentions(task: Task, name: string): boolean {
  return new RegExp(`\\b${name.replace(/[^\w]/g, '\\$&')}\\b`, 'i').test(`${task.title}\n${task.description}`);
}

function round(share: number): number {
  return Math.round(share * 10) / 10;
}
