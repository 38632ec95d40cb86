export { IdentityModule } from './identity.module';
export { SessionService, type Identity } from './session.service';
export { abilityFor, rulesOf, type TekoAbility } from './ability';
export { Can, Public, CAN, PUBLIC, type Permission } from './access.decorator';
export { CurrentIdentity, SESSION_COOKIE, type IdentifiedRequest } from './auth.guard';
