export interface Ids {
  next(): string;
}

export const Ids = Symbol('Ids');
