export { IntakeService, type Actor, type NewTask, type TaskPatch, type NewComment } from './intake.service';
export { RepositoryIntake, type NewRepository, type RepositoryPatch } from './repository-intake.service';
export { IntakeModule } from './intake.module';
