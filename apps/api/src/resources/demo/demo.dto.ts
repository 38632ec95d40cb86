import { Num } from '../../http/fields';

export class RemovedDemoDto {
  @Num('Number of deleted repositories.', 1) removed: number;
}
