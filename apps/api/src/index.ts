export { ApiModule } from './api.module';
export { listen, startApi, type RunningApi } from './start';
export { AGENT_PROFILES, AgentProfileDto } from './resources/agent-profiles/agent-profile.dto';
export { SETTINGS_REPORT, SettingDto } from './resources/settings/setting.dto';
export { buildOpenApi } from './openapi';
