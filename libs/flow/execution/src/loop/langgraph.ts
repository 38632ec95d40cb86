/** Everything built on LangGraph. The first run loads it: it costs more than the rest of a start. */
export const langgraph = () => import('./langgraph-modules');
