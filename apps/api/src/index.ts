export { ApiModule } from './api.module';
export { configureApi, type ApiOptions } from './configure-api';
export { AGENT_PROFILES, AgentProfileDto } from './resources/agent-profiles/agent-profile.dto';
export { SETTINGS_REPORT, SettingDto } from './resources/settings/setting.dto';
export { buildOpenApi } from './openapi';
