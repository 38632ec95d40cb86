import { Num } from '../../http/fields';

export class RemovedDemoDto {
  @Num('Repositories deleted.', 1) removed: number;
}
