export { IntakeService, type Actor, type NewTask, type TaskPatch, type NewComment } from './intake.service';
export { RepositoryIntake, type NewRepository, type RepositoryPatch } from './repository-intake.service';
export { ForgeImport, type ImportableRepository } from './forge-import.service';
export { WebhookInbox, type Delivery } from './webhook-inbox.service';
export { Reconciler } from './reconciler.service';
export { IntakeModule } from './intake.module';
